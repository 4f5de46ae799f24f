// The page Energy: live values, switches, and how it goes on after one of the programs was away.
const fs = require('node:fs');
const path = require('node:path');
const {test, equal, check} = require('./cases.js');
const {until} = require('./processes.js');

const house = 'F2310A04B4240AC4A1B2C3';
const lamp = 'B2136B0204240AC4E1F2A3';
const freezer = 'B2136B0204240AC4E1F2B4';
const basement = 'S2301W0510240AC4C5D6E7';

async function liveCases({home, page}) {
  const state = device => JSON.parse(home.newest(`emporia/${device}/state`).text);
  await test('live values arrive at the dashboard', async () => {
    const ready = text => JSON.parse(text).power_w !== null && JSON.parse(text).mains?.power_w !== null;
    await home.sees(`emporia/${house}/state`, ready);
    await home.sees(`emporia/${lamp}/state`, ready);
    await page.shows('Bridge online', 'Service ok', 'calls left this hour', 'House', 'Floor lamp', 'Garage freezer',
        'Carport', 'Electric meter');
    await until('the page shows the power of the newest minute', async () => {
      const text = await page.text();
      const watts = Math.abs(state(house).mains.power_w);
      const wanted = [watts < 1000 ? `${Math.round(watts)} W` : `${(watts / 1000).toFixed(2)} kW`,
        `${Math.round(state(lamp).power_w)} W`, `${Math.round(state(basement).soc_pct)} %`];
      const missing = wanted.filter(one => !text.includes(one));
      if (missing.length) throw new Error(`no ${missing.join(', ')}`);
      return true;
    });
    await page.shows('Heat pump', 'Fridge');
  });
  await test('the chart draws what has come', async () => {
    await until('something is drawn', () => page.page.evaluate(() => {
      const canvas = document.querySelector('.nrdb-ui-chart canvas');
      if (!canvas) return false;
      const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      for (let i = 0; i < data.length; i += 4) {
        // The first colour of the chart, #1f8a7d.
        if (data[i] === 0x1f && data[i + 1] === 0x8a && data[i + 2] === 0x7d) return true;
      }
      return false;
    }));
  });
}

async function switchCases({home, page}) {
  const commands = () => home.seen.filter(message => message.topic === `emporia/${lamp}/set`).length;
  const told = on => until('the service was told', async () => (await home.truth(lamp)).on === on);
  await test('two clicks at once switch an outlet once, and the page shows it when it is confirmed', async () => {
    await page.click('Floor lamp', 'on', {times: 2});
    await told(false);
    await page.stands('Floor lamp', 'off');
    await page.shows('Floor lamp: off', 'confirmed');
    equal(commands(), 1, 'the number of commands');
    equal(await home.updates(), [{manufacturer_device_id: lamp, on: false}], 'what the service was told');
  });
  await test('and on again', async () => {
    await page.turn('Floor lamp', true);
    await told(true);
    equal(commands(), 2, 'the number of commands');
  });
  await test('a click whose command is refused can be made again', async () => {
    await home.control('fail UpdateOutlets INVALID_ARGUMENT 1 not today');
    await page.click('Floor lamp', 'on');
    await page.shows('not today');
    await page.stands('Floor lamp', 'on');
    await page.turn('Floor lamp', false);
    await told(false);
    await page.turn('Floor lamp', true);
    equal(commands(), 5, 'the number of commands');
  });
  await test('the other outlet was never touched', async () => {
    check((await home.updates()).every(update => update.manufacturer_device_id === lamp), 'it was');
  });
  await test('a refused command is shown with its reason', async () => {
    await home.publish('emporia/D2245A7C2E30AEA4D5E6F7/set', {charge_rate_a: 99});
    await page.shows('Driveway: 99 A', 'refused', /6 to 40/);
  });
}

/// The lamp is switched by the page, from what it is.
async function lampWorks({home, page}) {
  const {on} = await home.truth(lamp);
  await page.stands('Floor lamp', on ? 'on' : 'off');
  await page.turn('Floor lamp', !on);
  await until('the lamp is switched', async () => (await home.truth(lamp)).on === !on);
}

async function restartCases(stage) {
  const {home, red, page} = stage;
  await page.open('energy');
  await test('it goes on after the broker was away', async () => {
    await home.broker.stop();
    await page.shows('The broker is not reached');
    await home.startBroker();
    await page.shows('Bridge online');
    await lampWorks(stage);
  });
  await test('it says that the bridge is away, switches nothing, and goes on', async () => {
    await home.bridge.stop();
    await page.shows('Bridge offline');
    await until('the switch is offline', async () => (await page.toggle('Floor lamp')).word === 'offline');
    check((await page.toggle('Floor lamp')).disabled, 'the switch can be clicked');
    await home.startBridge();
    await page.shows('Bridge online');
    await lampWorks(stage);
  });
  await test('it goes on after Node-RED was away', async () => {
    await red.stop();
    await red.start();
    await page.open('energy');
    await page.shows('Bridge online', 'House');
    await lampWorks(stage);
  });
}

async function baseTopicCases({home, red, page, flows}) {
  await test('another base topic, set at one place', async () => {
    await home.bridge.stop();
    home.base = 'home/energy';
    const changed = structuredClone(flows);
    changed.find(node => node.id === 'e2m_live').env.find(one => one.name === 'BASE_TOPIC').value = home.base;
    await red.deploy(changed);
    await page.open('energy');
    await page.shows('No devices yet', 'There is no outlet');
    await home.startBridge();
    await page.shows('Bridge online', 'House', 'Floor lamp');
    const {on} = await home.truth(freezer);
    await page.turn('Garage freezer', !on);
    await until('the freezer is switched', async () => (await home.truth(freezer)).on === !on);
  });
}

async function pictures({page, pictures: folder}, name, height, texts) {
  for (const width of [1280, 390]) {
    await test(`a picture of the page ${name}, ${width} pixels wide`, async () => {
      await page.open(name, width, width === 390 ? height * 2 : height);
      await page.shows(...texts);
      await until('nothing is wider than the window', async () => {
        const wide = await page.page.evaluate(() => [...document.querySelectorAll('.nrdb-ui-group *')]
            .filter(one => one.getBoundingClientRect().right > innerWidth + 1).map(one => one.className).slice(0, 3));
        if (wide.length) throw new Error(wide.join(', '));
        return true;
      });
      const file = path.join(folder, `${name}-${width}.png`);
      await page.picture(file);
      check(fs.statSync(file).size > 15000, 'the picture is empty');
    });
  }
  await page.open(name);
}

module.exports = {liveCases, switchCases, restartCases, baseTopicCases, pictures};
