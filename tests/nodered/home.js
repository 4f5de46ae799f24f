// The simulated home: a broker, the simulated service and the bridge, as a user has them, and an eye on each.
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const mqtt = require('mqtt');
const {Program, freePort, until} = require('./processes.js');

// A second charger that is off, and a second battery, beside the typical home.
const moreDevices = `
[[devices]]
id = "D2245A7C2E30AEA4D50002"
model = "EVCharger"
name = "Carport"
timezone = "America/New_York"
on = false
charge_rate_a = 12
max_charge_rate_a = 24
car_connected = true
car_capacity_kwh = 77
car_soc_pct = 20

[[devices]]
id = "S2301W0510240AC4C50002"
model = "Battery"
name = "Garden, shed = battery"
timezone = "America/New_York"
capacity_kwh = 5
inverter_max_power_kw = 3
soc_pct = 50
reserve_soc_pct = 30
dispatch = { mode = "idle" }
`;

class Home {
  constructor(folder, source, build) {
    Object.assign(this, {folder, source, build, base: 'emporia', seen: []});
  }

  async choosePort() { this.port = await freePort(); }

  async startBroker() {
    const file = path.join(this.folder, 'mosquitto.conf');
    fs.writeFileSync(file, `listener ${this.port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
    // The port of a broker that has just ended may be held for a moment.
    await until('the broker starts', async () => {
      this.broker = new Program('mosquitto', '/usr/sbin/mosquitto', ['-c', file]);
      await this.broker.says(/ running/);
      return true;
    });
    if (this.eye) return;
    this.eye = mqtt.connect(`mqtt://127.0.0.1:${this.port}`, {protocolVersion: 5, reconnectPeriod: 100});
    this.eye.on('error', () => {});
    this.eye.on('message', (topic, payload, packet) => {
      const {responseTopic, correlationData} = packet.properties || {};
      this.seen.push({topic, text: payload.toString(), retained: packet.retain, responseTopic, correlationData});
    });
    await this.eye.subscribeAsync('#', {qos: 1});
  }

  async startService() {
    const file = path.join(this.folder, 'home.toml');
    const typical = path.join(this.source, 'tests/simulator/homes/typical.toml');
    fs.writeFileSync(file, fs.readFileSync(typical, 'utf8') + moreDevices);
    this.service = new Program('the simulator', path.join(this.build, 'tests/simulator/partner-simulator'),
        // However long the story takes, its commands are not refused for the number of calls.
        ['--home', file, '--certificate-dir', path.join(this.folder, 'certificates'), '--quota', '0']);
    const [, port, control] = await this.service.says(/listening port=(\d+) control=(\d+)/);
    Object.assign(this, {servicePort: port, controlPort: Number(control)});
  }

  async startBridge() {
    const file = path.join(this.folder, 'emporia2mqtt.toml');
    fs.writeFileSync(path.join(this.folder, 'password'), 'simulated\n', {mode: 0o600});
    fs.writeFileSync(file, `[partner]
email = "partner@example.com"
password_file = "password"
endpoint = "127.0.0.1:${this.servicePort}"
ca_file = "certificates/ca.pem"
[mqtt]
host = "127.0.0.1"
port = ${this.port}
base_topic = "${this.base}"
[state]
directory = "state"
[budget]
calls_per_hour = 1000
`);
    const before = this.seen.length;
    this.bridge = new Program('the bridge', path.join(this.build, 'bridge/emporia2mqtt'), ['run', '-c', file]);
    await until('the bridge is online', () => this.seen.slice(before)
        .some(({topic, text}) => topic === `${this.base}/bridge/state` && text === 'online'));
  }

  /// One line to the simulator's control port, and what it answers after "ok".
  async control(line) {
    const answer = await new Promise((resolve, reject) => {
      let text = '';
      const socket = net.connect(this.controlPort, '127.0.0.1', () => socket.write(`${line}\n`));
      socket.setEncoding('utf8').on('error', reject).on('data', part => {
        text += part;
        if (text.endsWith('\n')) { socket.destroy(); resolve(text.trim()); }
      });
    });
    if (!answer.startsWith('ok')) throw new Error(`the simulator answers ${answer} to ${line}`);
    return answer.slice(3);
  }

  /// What the service was told: the settings of each call, one for each device.
  async updates() {
    const calls = JSON.parse(await this.control('updates'));
    return calls.flatMap(call => Object.values(call.request).find(Array.isArray) || []);
  }

  /// The settings of a device as the service holds them; chargers and batteries wrap them once more.
  async truth(id) {
    const {settings} = JSON.parse(await this.control(`state ${id}`));
    return settings.settings || settings;
  }

  publish(topic, payload, properties = {}) {
    return this.eye.publishAsync(topic, JSON.stringify(payload), {qos: 1, properties});
  }

  /// The newest message of a topic that fits.
  newest(topic, fits = () => true) {
    return this.seen.findLast(message => message.topic === topic && fits(message.text));
  }

  sees(topic, fits) {
    return until(`${topic} is seen at the broker`, () => this.newest(topic, fits));
  }
}

module.exports = {Home};
