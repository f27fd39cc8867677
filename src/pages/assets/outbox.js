// Keeps the outbox page live: shows new messages as they leave, and moves the demo's clock.

const EVERY_MS = 2000;
const ADVANCE = 'mutation Advance($days: Int!) { demoAdvanceClock(days: $days) { ranJobs userErrors { message } } }';

const { token, query, live } = document.body.dataset;
const status = document.getElementById('status');
const clock = document.getElementById('clock');
const buttons = [...document.querySelectorAll('button[data-days]')];

function say(text, failed = false) {
  if (status.textContent !== text) status.textContent = text;
  status.classList.toggle('failed', failed);
}

// Only what is new is put in: a mail that someone reads stays where it is.
function merge(fresh) {
  const list = document.getElementById('list');
  const arrived = [...fresh.querySelectorAll('article')].filter(article => !document.getElementById(article.id));
  if (arrived.length > 0) document.querySelector('#list > .empty')?.remove();
  arrived.forEach(article => article.classList.add('arrived'));
  list.prepend(...arrived);
  for (const article of fresh.querySelectorAll('article')) noteSent(article);
  clock.textContent = fresh.dataset.clock;
  clock.dateTime = fresh.dataset.clockIso;
  return arrived.length;
}

// A message is in the outbox a moment before the database knows that it was sent.
function noteSent(article) {
  const shown = document.getElementById(article.id);
  const meta = article.querySelector('.meta');
  if (meta && shown && shown.querySelector('.meta').textContent !== meta.textContent) {
    shown.querySelector('header').replaceWith(article.querySelector('header'));
  }
}

async function refresh() {
  const answer = await fetch(`/outbox/messages?${query}`, { cache: 'no-store' });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  return merge(page.getElementById('list'));
}

async function advance(days) {
  const answer = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: ADVANCE, variables: { days } }),
  });
  const { data, errors } = await answer.json();
  const refused = errors?.[0]?.message ?? data?.demoAdvanceClock?.userErrors?.[0]?.message;
  if (refused) throw new Error(refused);
}

function plural(count, word) {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

async function move(button) {
  const days = Number(button.dataset.days);
  buttons.forEach(one => { one.disabled = true; });
  say(`Moving the clock by ${plural(days, 'day')} …`);
  try {
    await advance(days);
    const arrived = await refresh();
    say(`${plural(days, 'day')} later: ${arrived === 0 ? 'nothing new was sent' : plural(arrived, 'new message')}.`);
  } catch (error) {
    say(`The clock was not moved: ${error.message}.`, true);
  } finally {
    buttons.forEach(one => { one.disabled = false; });
    button.focus();
  }
}

let lost = false;

async function watch() {
  if (!document.hidden && !buttons.some(button => button.disabled)) {
    try {
      const arrived = await refresh();
      if (arrived > 0) say(`${plural(arrived, 'new message')}.`);
      else if (lost) say('Connected again.');
      lost = false;
    } catch {
      lost = true;
      say('No connection to Dunwell; trying again.', true);
    }
  }
  setTimeout(watch, EVERY_MS);
}

buttons.forEach(button => button.addEventListener('click', () => move(button)));
document.getElementById('tenant').addEventListener('change', event => event.target.form.requestSubmit());
if (live !== undefined) setTimeout(watch, EVERY_MS);
