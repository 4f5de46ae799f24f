// The car's window, over nights whose time the test sets. Each case has a night of its own and sees to what it begins
// with, so that one that fails leaves nothing to the next.
const {test, equal, check} = require('./cases.js');
const {actors} = require('./actors.js');

const driveway = 'D2245A7C2E30AEA4D5E6F7';
const carport = 'D2245A7C2E30AEA4D50002';
const times = {From: '22:00', Until: '06:00'};
// More than the charger at the carport takes.
const start = {on: true, charge_rate_a: 24};

function neighbours(stage) {
  const {home, red, page} = stage;
  const acting = actors(stage, 'car', 'e2m_car');
  const {clock, told, forget, somebody} = acting;
  let night = 0;
  return {
    ...acting,
    /// So late on the evening of this night, and on the morning after it.
    evening: time => clock(time, night),
    morning: time => clock(time, night + 1),
    /// A new night begins: the charger at the carport is off and its window waits, that in the driveway was switched on
    /// by somebody and has a window, too.
    async nightfall() {
      night += 1;
      await home.control('fail UpdateEVChargers INTERNAL 0');
      await clock('21:45', night);
      for (const name of ['Carport', 'Driveway']) {
        await page.save(name, {...times, 'Rate': '45'});
        await page.turn(`Window of ${name}`, true);
      }
      await somebody(carport, {on: false});
      await somebody(driveway, {on: true});
      await clock('21:50', night);
      await told(carport, /^waits for 22:00/);
      await told(driveway, /left alone/);
      forget(carport);
      forget(driveway);
    },
    async restart() {
      await red.stop();
      await red.start();
      await page.open('automation');
      await page.shows('Carport');
    }
  };
}

async function carSettings({page, red}, {clock, told}) {
  await test('the window and the tariff are off until somebody switches them on', async () => {
    await page.shows('Driveway', 'Carport', 'Basement battery', 'switched off');
    await page.stands('Window of Carport', 'off');
    await page.stands('Tariff of Basement battery', 'off');
    await clock('23:00', 0);
    equal(await red.context('flow/e2m_car', 'kept'), undefined, 'what is kept');
  });
  await test('a click on the switch is not undone by what is saved beside it', async () => {
    await clock('21:50', 0);
    await page.clickAndSave('Window of Carport', 'Carport', {...times, 'Rate': '20'});
    await page.stands('Window of Carport', 'on');
    await told(carport, /^waits for 22:00/);
    await page.clickAndSave('Window of Carport', 'Carport', {...times, 'Rate': '21'});
    await page.stands('Window of Carport', 'off');
    await told(carport, /^switched off/);
  });
}

async function carNights({home}, {evening, morning, nightfall, restart, told, sent, truth}) {
  await test('a window begins on time, with the rate that the charger takes at most, and says it once', async () => {
    await nightfall();
    await evening('22:00');
    await truth(carport, ({on}) => on);
    await told(carport, /^charging, 24 A, until 06:00/);
    equal((await home.truth(carport)).charge_rate_amps, 24, 'the rate');
    for (const time of ['22:01', '22:30', '23:59']) await evening(time);
    await morning('00:30');
    await morning('06:00');
    await told(carport, /^waits for 22:00/);
    await sent(carport, [start, {on: false}]);
  });
  await test('Node-RED may be restarted within the window', async () => {
    await nightfall();
    await evening('22:00');
    await told(carport, /^charging/);
    await restart();
    await morning('05:59');
    await told(carport, /^charging, 24 A, until 06:00/);
    await told(driveway, /left alone/);
    await morning('06:00');
    await told(carport, /^waits for 22:00/);
    await sent(carport, [start, {on: false}]);
  });
  await test('it ends what it began, and nothing that somebody else switched on', async () => {
    await nightfall();
    await evening('22:00');
    await told(carport, /^charging/);
    await morning('06:00');
    await truth(carport, ({on}) => !on);
    await told(carport, /^waits for 22:00/);
    await told(driveway, /left alone/);
    await sent(carport, [start, {on: false}]);
    await sent(driveway, []);
    check((await home.truth(driveway)).on, 'the other one was switched off');
  });
}

async function carExceptions({home, page}, {evening, morning, nightfall, somebody, told, sent, minutes}) {
  await test('another rate within the window is sent once', async () => {
    await nightfall();
    await evening('22:00');
    await told(carport, /^charging, 24 A/);
    await page.save('Carport', {'Rate': '10'});
    await told(carport, /^charging, 10 A/);
    await morning('00:45');
    await morning('06:00');
    await told(carport, /^waits for 22:00/);
    await sent(carport, [start, {charge_rate_a: 10}, {on: false}]);
  });
  await test('who switches it off within the window has his way, and who switches it on again, too', async () => {
    await nightfall();
    await evening('22:00');
    await told(carport, /^charging/);
    await somebody(carport, {on: false});
    await told(carport, /^switched off by hand/);
    await evening('23:00');
    await somebody(carport, {on: true});
    await told(carport, /^switched on by hand/);
    await morning('06:30');
    await told(carport, /^on, but not by this window/);
    await sent(carport, [start]);
    check((await home.truth(carport)).on, 'it was switched off');
  });
  await test('what is refused is told, and tried again after ten minutes', async () => {
    await nightfall();
    await home.control('fail UpdateEVChargers INVALID_ARGUMENT 1 not today');
    await evening('22:00');
    await told(carport, /^could not start.*not today/);
    await evening('22:05');
    await evening('22:11');
    await told(carport, /^charging/);
    await sent(carport, [start, start]);
    equal(minutes(carport), [0, 11], 'the minutes of the two commands');
  });
  await test('a window that is switched off leaves what charges', async () => {
    await nightfall();
    await evening('22:00');
    await told(carport, /^charging/);
    await page.turn('Window of Carport', false);
    await told(carport, /^switched off/);
    await morning('06:01');
    await page.turn('Window of Driveway', false);
    await told(driveway, /^switched off/);
    await sent(carport, [start]);
    check((await home.truth(carport)).on, 'it was switched off');
  });
}

async function carCases(stage) {
  const acting = neighbours(stage);
  await stage.page.open('automation');
  await carSettings(stage, acting);
  await carNights(stage, acting);
  await carExceptions(stage, acting);
  stage.red.setOffset(0);
}

module.exports = {carCases};
