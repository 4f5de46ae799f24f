// The story of a home with Node-RED: see run. Arguments: the source tree, and the folder where the bridge was built.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const {cases, test, equal, check} = require('./cases.js');
const {stopAll} = require('./processes.js');
const {Home} = require('./home.js');
const {NodeRed} = require('./node_red.js');
const {Browser} = require('./page.js');
const {Influx} = require('./influx.js');
const {liveCases, switchCases, restartCases, baseTopicCases, pictures} = require('./live_cases.js');
const {carCases} = require('./car_cases.js');
const {batteryCases} = require('./battery_cases.js');
const {dataCases} = require('./data_cases.js');

const [source, build] = process.argv.slice(2);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'emporia2mqtt-nodered.'));
const pictureFolder = path.join(build, 'node-red/pictures');

async function story() {
  const home = new Home(folder, source, build);
  const red = new NodeRed(folder, path.join(build, 'node-red/node_modules'));
  const influx = new Influx();
  const flows = JSON.parse(fs.readFileSync(path.join(source, 'deploy/node-red/flows.json'), 'utf8'));
  await influx.start();
  await home.choosePort();
  // All that a user must change, and only where his broker is not at localhost:1883.
  flows.find(node => node.type === 'mqtt-broker').port = String(home.port);
  const stage = {home, red, influx, flows, pictures: pictureFolder, zone: 'America/New_York'};

  await red.start();
  stage.page = new Browser(`http://127.0.0.1:${red.port}`);
  await stage.page.start();
  try {
    await tellStory(stage);
  } finally {
    await stage.page.stop();
    influx.stop();
    fs.writeFileSync(path.join(build, 'node-red/node-red.log'), red.log());
  }
}

async function tellStory(stage) {
  await beginning(stage);
  await liveCases(stage);
  await switchCases(stage);
  // Before anything is restarted: the chart is of what has come since.
  await pictures(stage, 'energy', 1330, ['House', 'Latest commands']);
  await dataCases.history(stage);
  await pictures(stage, 'history', 700, ['kWh']);
  await dataCases.influx(stage);
  await carCases(stage);
  await batteryCases(stage);
  await pictures(stage, 'automation', 760, ['Carport']);
  await restartCases(stage);
  await baseTopicCases(stage);
  await complaints(stage);
}

/// Until everything runs. Without the flows in Node-RED and the broker there is nothing else to tell.
async function beginning(stage) {
  const {home, red, page, flows} = stage;
  await test('each tab says what it is for, wires lead somewhere, and no device is named in the flows', () => {
    const ids = new Set(flows.map(node => node.id));
    const explained = node => node.info && flows.some(one => one.z === node.id && one.type === 'comment');
    equal(flows.filter(node => node.type === 'tab' && !explained(node)).map(node => node.label), [],
        'the tabs without a comment');
    equal(flows.flatMap(node => (node.wires || []).flat().concat(node.links || [])).filter(id => !ids.has(id)), [],
        'what leads nowhere');
    check(!/[A-Z]\d{3,4}[0-9A-Z]{10}/.test(JSON.stringify(flows)), 'a device is named');
  });
  const started = await test('the flows start where there is neither broker nor bridge', async () => {
    await red.deploy(flows);
    const {flows: deployed} = await red.ask('GET', '/flows');
    equal(deployed.map(node => node.id).sort(), flows.map(node => node.id).sort(), 'what Node-RED took');
    await red.program.says(/Connection failed to broker/);
    await page.open('energy');
    await page.shows('The broker is not reached', 'No devices yet', 'There is no outlet');
  });
  await dataCases.configureInflux(stage);
  const found = await test('the broker is found when it comes', async () => {
    await home.startBroker();
    await red.program.says(/Connected to broker/);
  });
  if (!started || !found) throw new Error('it cannot go on');
  await home.startService();
  await home.startBridge();
}

async function complaints({red, page}) {
  await test('Node-RED logs no error and no warning but those of the stand-in that refused', () => {
    // The last two are of a Node-RED that starts for the first time, with or without these flows.
    const expected = /InfluxDB: |Projects disabled|Encrypted credentials not found/;
    const complaint = /\[(error|fatal|warn)\]|Error:|Unhandled/i;
    equal(red.log().split('\n').filter(line => complaint.test(line) && !expected.test(line)), [], 'the log');
  });
  await test('the dashboard throws nothing in the browser', () => equal(page.complaints, [], 'what it threw'));
}

async function main() {
  try {
    await story();
  } catch (error) {
    cases.failed += 1;
    console.log(`FAILED the story: ${error.stack}`);
  }
  await stopAll();
  fs.rmSync(folder, {recursive: true, force: true});
  console.log(`${cases.passed} passed, ${cases.failed} failed`);
  process.exit(cases.failed ? 1 : 0);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, async () => {
    await stopAll();
    fs.rmSync(folder, {recursive: true, force: true});
    process.exit(1);
  });
}
main();
