// The dashboard in a headless Chromium, as a person sees and uses it.
const puppeteer = require('puppeteer-core');
const {patience_s, until} = require('./processes.js');

/// What the tests look for in a page: runs in each one, before anything of its own. The page may be drawn anew at any
/// moment, so that whoever finds something must use it in the same step.
function finders() {
  window.find = {
    /// The switch that carries this accessible name, and the word beside it, which is what Node-RED says of it: a
    /// browser moves a switch before anything has come of the click.
    toggle(label) {
      const input = document.querySelector(`[aria-label="${label}"]`);
      const row = input && input.closest('.e2m-switch');
      return row && {input, word: row.querySelector(':scope > .e2m-quiet').innerText};
    },
    /// The part of the page Automation that belongs to a device.
    part: name => [...document.querySelectorAll('.e2m-auto')].find(one => one.innerText.startsWith(name)),
    button: (text, within) => [...within.querySelectorAll('button')]
        .find(one => one.innerText.trim().toLowerCase() === text.toLowerCase()),
    /// The inputs whose label begins like this.
    inputs: (label, within) => [...within.querySelectorAll('.v-text-field')]
        .filter(one => one.querySelector('label')?.innerText.startsWith(label)).map(one => one.querySelector('input'))
  };
}

/// Runs in the page: writes into the first field of each label and presses Save, after a click on a switch if one is
/// named. Whether there was all of it.
async function enter(name, fields, toggle) {
  const part = find.part(name);
  const inputs = part && Object.keys(fields).map(label => find.inputs(label, part)[0]);
  if (!inputs || !inputs.every(Boolean)) return false;
  if (toggle) find.toggle(toggle).input.click();
  for (const [i, value] of Object.values(fields).entries()) {
    inputs[i].value = value;
    inputs[i].dispatchEvent(new Event('input', {bubbles: true}));
  }
  // The button comes with the first change.
  await new Promise(resolve => setTimeout(resolve));
  const save = find.button('Save', part);
  save?.click();
  return Boolean(save);
}

class Browser {
  constructor(address) { this.address = address; this.complaints = []; }

  async start() {
    this.chromium = await puppeteer.launch({
      executablePath: '/usr/bin/chromium', headless: true, timeout: patience_s * 1000,
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--lang=en-US'],
      env: {...process.env, TZ: 'America/New_York'}});
    this.page = await this.chromium.newPage();
    this.page.setDefaultTimeout(patience_s * 1000);
    await this.page.evaluateOnNewDocument(finders);
    this.page.on('pageerror', error => this.complaints.push(error.message));
    // A template that fails is told there.
    this.page.on('console', message => {
      if (message.text().includes('errorCaptured')) this.complaints.push(message.text());
    });
  }

  stop() { return this.chromium?.close(); }

  /// Opens a page of the dashboard in a window of that width, high enough for all of it.
  async open(name, width = 1280, height = 1500) {
    await this.page.setViewport({width, height});
    await this.page.goto(`${this.address}/dashboard/${name}`);
    await this.page.waitForSelector('.nrdb-ui-group');
  }

  text() { return this.page.evaluate(() => document.body.innerText); }

  /// Until the page shows all of these texts; blanks and line breaks are alike.
  shows(...texts) {
    return until(`the page shows ${texts.join(', ')}`, async () => {
      const text = (await this.text()).replace(/\s+/g, ' ');
      const missing = texts.filter(one => one instanceof RegExp ? !one.test(text) : !text.includes(one));
      if (missing.length) throw new Error(`no ${missing.join(', ')} in: ${text.slice(0, 1500)}`);
      return true;
    });
  }

  /// The word beside a switch, which is on, off, asked or offline; whether it stands at on; whether it can be clicked.
  toggle(label) {
    return this.page.evaluate(label => {
      const found = find.toggle(label);
      return found && {word: found.word, checked: found.input.checked, disabled: found.input.disabled};
    }, label);
  }

  /// Until a switch and the word beside it say this.
  stands(label, word) {
    return until(`${label} stands at ${word}`, async () => {
      const found = await this.toggle(label);
      if (!found) throw new Error('it is not there');
      if (found.word !== word || found.checked !== (word === 'on')) throw new Error(JSON.stringify(found));
      return true;
    });
  }

  /// Clicks a switch that stands at this word and can be clicked, so many times at once; not if it stands at `unless`.
  click(label, word, {times = 1, unless = null} = {}) {
    const clicked = (label, word, times, unless) => {
      const found = find.toggle(label);
      if (found && found.word === unless) return true;
      if (!found || found.word !== word || found.input.disabled) return false;
      for (let i = 0; i < times; ++i) found.input.click();
      return true;
    };
    return until(`${label} stands at ${word} and can be clicked`,
        () => this.page.evaluate(clicked, label, word, times, unless));
  }

  /// Switches on or off with one click, unless it is so, until it is so.
  async turn(label, on) {
    const [wanted, other] = on ? ['on', 'off'] : ['off', 'on'];
    await this.click(label, other, {unless: wanted});
    await this.stands(label, wanted);
  }

  /// Presses the button with this text.
  press(text) {
    return until(`there is a button ${text}`, () => this.page.evaluate(text => {
      const found = find.button(text, document);
      found?.click();
      return Boolean(found);
    }, text));
  }

  /// Writes into the first field of each label (its beginning) in the part that belongs to a device, and saves it.
  async save(name, fields) {
    await until(`${name} has fields and Save`, () => this.page.evaluate(enter, name, fields));
    await this.holds(name, fields);
  }

  /// The same in one go with a click on a switch, before the page can have learned what came of the click.
  async clickAndSave(toggle, name, fields) {
    if (!await this.page.evaluate(enter, name, fields, toggle)) throw new Error(`${name} has no such fields`);
    await this.holds(name, fields);
  }

  /// Until a field of each label shows its value and nothing is left to be saved.
  holds(name, fields) {
    return until(`${name} shows ${JSON.stringify(fields)}`, () => this.page.evaluate((name, fields) => {
      const part = find.part(name);
      const shown = ([label, value]) => find.inputs(label, part).some(input => input.value === value);
      return part && !find.button('Save', part) && Object.entries(fields).every(shown);
    }, name, fields));
  }

  picture(file) { return this.page.screenshot({path: file}); }
}

module.exports = {Browser};
