// Who acts in the stories of the automations: the clock, the people, and Node-RED as its commands and words show it.
const {equal, secondsUntil} = require('./cases.js');
const {until} = require('./processes.js');

/// `kind` begins the ids of the commands of this automation, and `tab` is its tab.
function actors({home, red, zone}, kind, tab) {
  const seen = {};
  const all = id => home.seen
      .filter(({topic, text}) => topic === `emporia/${id}/set` && text.includes(`"id":"${kind} `))
      .map(({text}) => JSON.parse(text));
  return {
    /// It is this time of day at the home, so many days after the first, and a minute is over.
    async clock(time, day) {
      red.setOffset(secondsUntil(time, zone, day));
      await red.press(`${tab}_minute`);
    },
    /// What the automation says of a device.
    told: (id, pattern) => until(`${id} is told ${pattern}`, async () => {
      const told = ((await red.context(`flow/${tab}`, 'told')) || {})[id];
      if (!pattern.test(told)) throw new Error(`it is told ${told}`);
      return true;
    }),
    /// From here on, commands are of a new story.
    forget(id) { seen[id] = all(id).length; },
    /// The commands of this story are these and no others: to be asked when something later has been seen.
    async sent(id, expected) {
      const fresh = () => all(id).slice(seen[id] || 0);
      // They come to the bridge and to this test side by side.
      await until(`${expected.length} commands to ${id} are seen`, () => fresh().length >= expected.length);
      equal(fresh().map(({id: own, ...settings}) => settings), expected, `what was sent to ${id}`);
    },
    /// The moments on Node-RED's clock when they were sent, in minutes from the first of them.
    minutes(id) {
      const at = all(id).slice(seen[id] || 0).map(({id: own}) => Number(own.split(' ')[1]) / 60000);
      return at.map(time => Math.round(time - at[0]));
    },
    /// Until the service and the bridge's state say this of a device.
    truth: (id, fits) => until(`the service knows ${id} like this`, async () => fits(await home.truth(id))),
    state: (id, fits) => until(`the state of ${id} is like this`,
        () => fits(JSON.parse(home.newest(`emporia/${id}/state`).text))),
    /// Somebody else sends a command, unless it is so.
    async somebody(id, settings) {
      const is = state => Object.entries(settings).every(([name, value]) => state[name] === value);
      if (is(JSON.parse(home.newest(`emporia/${id}/state`).text))) return;
      await home.publish(`emporia/${id}/set`, settings);
      await until(`the state of ${id} says ${JSON.stringify(settings)}`,
          () => is(JSON.parse(home.newest(`emporia/${id}/state`).text)));
    }
  };
}

module.exports = {actors};
