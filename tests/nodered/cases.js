// Counting and printing of cases, and the clock on the wall of a home.

const cases = {passed: 0, failed: 0};

/// One case: prints "ok NAME" or "FAILED NAME: why", and gives whether it is ok.
async function test(name, run) {
  try {
    await run();
    cases.passed += 1;
    console.log(`ok ${name}`);
    return true;
  } catch (error) {
    cases.failed += 1;
    console.log(`FAILED ${name}: ${error.message}`);
    if (process.env.E2M_TRACE) console.log(error.stack);
    return false;
  }
}

function equal(found, expected, what) {
  const [is, should] = [JSON.stringify(found), JSON.stringify(expected)];
  if (is !== should) throw new Error(`${what} is ${is}, not ${should}`);
}

function check(condition, what) {
  if (!condition) throw new Error(what);
}

// One midnight for the whole story, also where it is played over a real one.
const began = Date.now();

/// The seconds between now and a time of day at a zone, so many days from the one on which the story began: "22:01",
/// "America/New_York", 0.
function secondsUntil(time, zone, days) {
  const local = at => Date.parse(`${new Date(at).toLocaleString('sv-SE', {timeZone: zone}).replace(' ', 'T')}Z`);
  const today = new Date(local(began)).toISOString().slice(0, 10);
  const wanted = Date.parse(`${today}T${time}:00Z`) + days * 86400000;
  let at = began;
  // Twice, because the zone's offset may be another one then.
  for (let i = 0; i < 2; ++i) at += wanted - local(at);
  return Math.round((at - Date.now()) / 1000);
}

module.exports = {cases, test, equal, check, secondsUntil};
