// A real Node-RED with the flows of this repository, driven as a user drives it: by its admin API and by its dashboard.
const fs = require('node:fs');
const path = require('node:path');
const {Program, freePort, until} = require('./processes.js');

class NodeRed {
  constructor(folder, modules) {
    this.folder = path.join(folder, 'node-red');
    this.modules = modules;
    this.clockFile = path.join(folder, 'clock');
    this.logs = '';
    fs.mkdirSync(this.folder);
    fs.symlinkSync(modules, path.join(this.folder, 'node_modules'));
    // Where Node-RED looks for the palette: what the user's folder depends on.
    fs.writeFileSync(path.join(this.folder, 'package.json'), JSON.stringify({name: 'home', version: '1.0.0',
      dependencies: {'@flowfuse/node-red-dashboard': '*'}}));
    this.setOffset(0);
  }

  /// Its clock stands so many seconds from the real one, from now on.
  setOffset(seconds) {
    fs.writeFileSync(`${this.clockFile}.new`, `${seconds >= 0 ? '+' : ''}${seconds}\n`);
    fs.renameSync(`${this.clockFile}.new`, this.clockFile);
    this.offset = seconds;
  }

  async start() {
    this.port ??= await freePort();
    fs.writeFileSync(path.join(this.folder, 'settings.js'), `module.exports = {
      uiHost: '127.0.0.1', uiPort: ${this.port}, flowFile: 'flows.json', credentialSecret: 'of a test',
      mqttReconnectTime: 500, editorTheme: {tours: false},
      logging: {console: {level: 'info', metrics: false, audit: false}}};`);
    const library = fs.readdirSync('/usr/lib').map(name => `/usr/lib/${name}/faketime/libfaketime.so.1`)
        .find(fs.existsSync);
    if (!library) throw new Error('libfaketime is not there');
    this.program = new Program('Node-RED', process.execPath,
        [path.join(this.modules, 'node-red/red.js'), '--userDir', this.folder], {
          cwd: this.folder,
          // The time of day is that of the clock file; intervals go on by the real one.
          env: {...process.env, LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: this.clockFile, FAKETIME_NO_CACHE: '1',
            FAKETIME_DONT_FAKE_MONOTONIC: '1', NODE_RED_HOME: undefined, TZ: 'UTC'}});
    // Which of the two comes first is not settled.
    await this.program.says(/Server now running/);
    await this.program.says(/Started flows/);
  }

  async stop() {
    await this.program.stop();
    this.logs += this.program.log;
  }

  /// Everything it has logged, over all its starts.
  log() { return this.logs + (this.program.ended ? '' : this.program.log); }

  async ask(method, place, body) {
    const answer = await fetch(`http://127.0.0.1:${this.port}${place}`, {
      method, body: body && JSON.stringify(body), headers: {
        'Content-Type': 'application/json', 'Node-RED-API-Version': 'v2', 'Node-RED-Deployment-Type': 'full',
        // One that is kept may be closed by the other side at the moment when it is used again.
        'Connection': 'close'}});
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${place}: ${answer.status} ${text}`);
    return text.startsWith('{') ? JSON.parse(text) : text;
  }

  /// Deploys flows in place of those that are there.
  async deploy(flows) {
    const {rev} = await this.ask('GET', '/flows');
    const started = this.program.log.split('Started flows').length;
    await this.ask('POST', '/flows', {rev, flows});
    await until('the flows are started', () => this.program.log.split('Started flows').length > started);
  }

  /// As a click on the button of an inject node.
  press(id) { return this.ask('POST', `/inject/${id}`, {}); }

  /// A value of a context: scope is global, or flow/ and the id of a tab.
  async context(scope, key) {
    const {msg, format} = await this.ask('GET', `/context/${scope}/${key}?store=memory`);
    if (msg === undefined || format === 'undefined') return undefined;
    return /^(object|array|Object)/.test(format) ? JSON.parse(msg) : msg;
  }
}

module.exports = {NodeRed};
