// History by request and response, and what reaches InfluxDB.
const {test, equal, check} = require('./cases.js');
const {until} = require('./processes.js');

const outlet = 'B2136B0204240AC4E1F2A3';
const battery = 'S2301W0510240AC4C50002';

/// Sets the environment variables of the InfluxDB tab, as a user does by a double click on its name.
async function configureInflux({red, influx, flows}) {
  await test('InfluxDB is set up by the variables of its tab', async () => {
    const changed = structuredClone(flows);
    const tab = changed.find(node => node.id === 'e2m_inf');
    tab.env.find(one => one.name === 'INFLUX_URL').value = `${influx.url}/`;
    tab.credentials = {INFLUX_TOKEN: 'of my own'};
    await red.deploy(changed);
    const {flows: deployed} = await red.ask('GET', '/flows');
    check(!JSON.stringify(deployed).includes('of my own'), 'the token stands in the flows');
  });
}

const line = ({device, channel, scale, at, wh}) => `${device} ${channel} ${scale} ${at} ${wh}`;

/// Each value that the bridge has booked, as a line that can be compared.
function booked(home) {
  return home.seen.filter(message => /^emporia\/[^/]+\/usage$/.test(message.topic)).flatMap(message => {
    const device = message.topic.split('/')[1];
    const {scale, starts, energy_wh} = JSON.parse(message.text);
    return Object.entries(energy_wh).flatMap(([channel, values]) => values
        .map((wh, i) => ({device, channel, scale, at: Date.parse(starts[i]) / 1000, wh}))
        .filter(one => one.wh !== null).map(line));
  }).sort();
}

async function influxBooked({home, influx}) {
  const written = () => influx.points.map(({tags, time, value}) =>
    line({device: tags.device, channel: tags.channel, scale: tags.scale, at: time, wh: value})).sort();
  await test('what the bridge books arrives at InfluxDB, every value and no other', async () => {
    await until('something is booked', () => booked(home).length > 20);
    await until('all of it is written', () => JSON.stringify(written()) === JSON.stringify(booked(home)));
    equal(influx.wrong, [], 'what is not line protocol');
    const {token, ...request} = influx.requests[0];
    const query = {org: 'home', bucket: 'energy', precision: 's'};
    equal(request, {method: 'POST', path: '/api/v2/write', query}, 'the request');
    equal(token, 'Token of my own', 'the token');
    const {measurement, field, tags} = influx.points.find(point => point.tags.circuit === 'Fridge');
    equal([measurement, field, tags.device_name, tags.channel], ['emporia_usage', 'energy_wh', 'House', '9'],
        'the fridge');
  });
}

async function influxCases(stage) {
  const {home, red, influx} = stage;
  await influxBooked(stage);
  // Of a time that the bridge books no more, so that nothing of its own comes between.
  const starts = ['2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z'];
  const times = starts.map(start => Date.parse(start) / 1000);
  const usage = (device, energy_wh) =>
    home.publish(`emporia/${device}/usage`, {scale: 'minutes', revised: false, starts, energy_wh});
  const mine = device => influx.points.filter(point => point.tags.device === device && times.includes(point.time));
  const values = () => mine(outlet).map(({value}) => value);
  await test('names are escaped, and what is not known is not written', async () => {
    await usage(battery, {1: [1.5, null], 2: [null, null], 3: [-2e-7, 0]});
    await until('three values arrive', () => mine(battery).length >= 3);
    const name = 'Garden, shed = battery';
    equal(mine(battery).map(({tags, value, time}) => [tags.device_name, tags.channel, value, time]),
        [[name, '1', 1.5, times[0]], [name, '3', -2e-7, times[0]], [name, '3', 0, times[1]]], 'what arrives');
    equal(influx.wrong, [], 'what is not line protocol');
  });
  await test('what InfluxDB does not take now is written later', async () => {
    influx.answer = 503;
    const asked = influx.requests.length;
    await usage(outlet, {1: [7, 8]});
    await until('it is tried', () => influx.requests.length > asked);
    await until('it is known that it failed', async () => (await red.context('flow/e2m_inf', 'writing')) === '0');
    influx.answer = 204;
    await red.press('e2m_inf_retry');
    await until('it is written', () => values().length >= 2);
    equal(values(), [7, 8], 'what is written');
  });
  await test('what InfluxDB will never take does not stand in the way', async () => {
    const [before, asked] = [values(), influx.requests.length];
    influx.answer = 400;
    await usage(outlet, {1: [9, 10]});
    await until('it is tried', () => influx.requests.length > asked);
    await until('it is given up', async () => JSON.stringify(await red.context('flow/e2m_inf', 'waiting')) === '[]');
    influx.answer = 204;
    await usage(outlet, {1: [11, 12]});
    await until('the next is written', () => values().length >= before.length + 2);
    equal(values().slice(before.length), [11, 12], 'what is written');
  });
}

/// The request that was made last, and the answers to it.
function newestHistory(home) {
  const request = home.newest('emporia/bridge/request/usage');
  const answers = home.seen.filter(({topic, correlationData}) => topic === 'nodered/emporia/answer/history' &&
      correlationData.equals(request.correlationData)).map(({text}) => JSON.parse(text).data);
  return {request, answers, last: answers.at(-1)};
}

/// What the page must say of the mains in the answers, added as it is added there.
function fromTheGrid(answers) {
  const all = channel => answers.flatMap(({energy_wh}) => energy_wh[channel] || []);
  const kwh = channel => all(channel).reduce((sum, wh) => sum + wh / 1000, 0);
  return `${['1', '2', '3'].map(kwh).reduce((sum, one) => sum + one, 0).toFixed(1)} kWh from the grid in all`;
}

async function historyCases({home, page}) {
  /// Presses the button, and waits until the page tells what came of it.
  const ask = async button => {
    const asked = () => home.seen.filter(({topic}) => topic === 'emporia/bridge/request/usage').length;
    const before = asked();
    await page.press(button);
    await until('it is asked for', () => asked() > before);
    await until('all of it has come', () => newestHistory(home).last?.more === false);
    await page.shows(fromTheGrid(newestHistory(home).answers));
    return newestHistory(home);
  };
  await test('history is asked for and answered by MQTT 5 request and response', async () => {
    await page.open('history');
    await page.shows('House', 'Last 24 hours');
    const {request, last} = await ask('Last 24 hours');
    await page.shows('The largest 8 of');
    equal(request.responseTopic, 'nodered/emporia/answer/history', 'the response topic');
    check(last.starts.length >= 22 && last.starts.length <= 25, `${last.starts.length} hours came`);
    check(last.energy_wh['1'].some(wh => wh !== null && wh !== 0), 'nothing was measured');
  });
  await test('the portions of a long answer are put together', async () => {
    const {request} = await ask('Last 7 days');
    await page.shows('in hours');
    // No range of this page is so long that the bridge would answer in portions: here it goes on.
    const starts = ['2026-01-01T00:00:00Z'];
    for (const [portion, wh] of [[1, 1e6], [2, 2e6]]) {
      await home.publish('nodered/emporia/answer/history', {status: 'ok', error: null, data: {
        starts, energy_wh: {1: [wh]}, portion, portions: 2, more: portion === 1, note: null}},
      {correlationData: request.correlationData});
      await page.shows(portion === 1 ? 'Portion 1 of 2.' : fromTheGrid(newestHistory(home).answers));
    }
  });
  await test('days, of another time', async () => {
    await ask('Last 30 days');
    await page.shows('kWh in days');
  });
}

module.exports = {dataCases: {configureInflux, influx: influxCases, history: historyCases}};
