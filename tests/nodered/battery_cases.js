// The battery's tariff, over days whose time the test sets. Each case has a day of its own and sees to what it begins
// with.
const {test, check} = require('./cases.js');
const {actors} = require('./actors.js');

const basement = 'S2301W0510240AC4C5D6E7';
const garden = 'S2301W0510240AC4C50002';
// What the tariff has to begin with asks of the one in the basement: all that its inverter can.
const charge = {dispatch_mode: 'charge_to_state_of_charge', charge_power_kw: 5, target_soc_pct: 90};
const follow = {dispatch_mode: 'load_following', power_kw: 5};

async function batteryCases(stage) {
  const {home, page} = stage;
  const {clock, told, forget, sent, state, somebody} = actors(stage, 'battery', 'e2m_bat');
  // After the nights of the cars: time does not go back.
  let day = 20;
  const at = time => clock(time, day);
  /// The first half hour of a new day: the battery does what the line of yesterday says.
  const midnight = async () => {
    day += 1;
    await at('00:30');
    await somebody(basement, {dispatch_mode: 'load_following'});
    await page.turn('Tariff of Basement battery', true);
    await told(basement, /^load following, until 01:00/);
    forget(basement);
  };
  await page.open('automation');
  await page.shows('Basement battery');
  await test('a tariff that is switched on sends nothing for what already holds', async () => {
    await midnight();
    await page.turn('Tariff of Basement battery', false);
    await told(basement, /^switched off/);
    await page.turn('Tariff of Basement battery', true);
    await told(basement, /^load following, until 01:00/);
    await sent(basement, []);
  });
  await test('the mode is set once, when its time comes, with all that the inverter can, and set back', async () => {
    await midnight();
    await at('01:00');
    await told(basement, /^charge to state of charge, until 06:00/);
    await state(basement, ({dispatch_mode, dispatch}) =>
      dispatch_mode === charge.dispatch_mode && dispatch.charge_power_kw === 5);
    await at('01:01');
    await at('03:00');
    await at('06:00');
    await told(basement, /^load following, until 01:00/);
    await sent(basement, [charge, follow]);
    check((await home.truth(basement)).load_following, 'the service has another mode');
  });
  await test('who changes the mode has his way until the next time', async () => {
    await midnight();
    await at('01:00');
    await told(basement, /^charge to state of charge, until 06:00/);
    await somebody(basement, {dispatch_mode: 'idle'});
    await told(basement, /^changed by hand: left alone, until 06:00/);
    await at('05:59');
    await at('06:00');
    await told(basement, /^load following, until 01:00/);
    await sent(basement, [charge, follow]);
  });
  await test('a line of one\'s own is kept within what the battery can', async () => {
    day += 1;
    await at('06:30');
    await page.save('Garden, shed = battery', {From: '07:00', Power: '9', Target: '10'});
    await page.turn('Tariff of Garden, shed = battery', true);
    // Else it may be seven before the line of six has been looked at.
    await told(garden, /^load following, until 07:00/);
    await at('07:00');
    await told(garden, /^charge to state of charge, until 06:00/);
    await sent(garden, [{dispatch_mode: 'load_following', power_kw: 3},
      {dispatch_mode: 'charge_to_state_of_charge', charge_power_kw: 3, target_soc_pct: 30}]);
  });
  await test('the tariffs are switched off again', async () => {
    for (const [name, id] of [['Garden, shed = battery', garden], ['Basement battery', basement]]) {
      await page.turn(`Tariff of ${name}`, false);
      await told(id, /^switched off/);
    }
  });
  stage.red.setOffset(0);
}

module.exports = {batteryCases};
