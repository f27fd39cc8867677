// The page behind /graphiql: GraphiQL over HTTP and WebSocket with one set of headers, told what to show by
// /graphiql/settings.json: { endpoint, headers, tabs: [{ name, query, variables }] }.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createClient } from 'graphql-ws';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';
import './page.css';

const FIRST_HEADERS = '{\n  "Authorization": "Bearer "\n}';

// Kept for the life of the browser's tab only: a bearer token must not outlive it.
const storage = {
  getItem: key => window.sessionStorage.getItem(key),
  setItem: (key, value) => window.sessionStorage.setItem(key, value),
  removeItem: key => window.sessionStorage.removeItem(key),
  clear: () => window.sessionStorage.clear(),
  get length() { return window.sessionStorage.length; },
};

function socketUrl(endpoint) {
  const url = new URL(endpoint, window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

// A subscription takes the headers of its tab as the payload of connection_init, so each gets a client of its own.
function fetcherFor(endpoint) {
  return (params, options) => {
    const wsClient = createClient({ url: socketUrl(endpoint), connectionParams: options?.headers ?? {}, retryAttempts: 3 });
    return createGraphiQLFetcher({ url: endpoint, wsClient, enableIncrementalDelivery: false })(params, options);
  };
}

function tabsOf(settings, headers) {
  const tabs = (settings.tabs ?? []).map(tab => ({
    query: tab.name ? `# ${tab.name}\n${tab.query}` : tab.query,
    variables: tab.variables ? JSON.stringify(tab.variables, null, 2) : '',
    headers,
  }));
  return tabs.length > 0 ? tabs : undefined;
}

function Page({ settings, headers, tabs, refused }) {
  return (
    <GraphiQL
      fetcher={fetcherFor(settings.endpoint)}
      storage={storage}
      defaultHeaders={headers ?? FIRST_HEADERS}
      defaultTabs={tabs}
      defaultEditorToolsVisibility={headers ? 'variables' : 'headers'}
      isHeadersEditorEnabled
      shouldPersistHeaders
    >
      <GraphiQL.Logo><span className="dunwell-logo">Dunwell</span></GraphiQL.Logo>
      {refused && <GraphiQL.Footer><p className="dunwell-notice" role="alert">The sign-in link did not work: {refused}</p></GraphiQL.Footer>}
    </GraphiQL>
  );
}

// A server that was started anew has other tokens, perhaps other examples: what was kept for the old one is dropped.
function forgetOthers(told) {
  if (storage.getItem('dunwell:settings') === told) return;
  storage.clear();
}

// GraphiQL takes what its editors show first from these three keys, and opens a further tab when no tab is equal to them.
function showActiveTab(tabs) {
  const kept = JSON.parse(storage.getItem('graphiql:tabState') ?? 'null');
  const active = kept ? kept.tabs[kept.activeTabIndex] : tabs?.[0];
  for (const key of ['query', 'variables', 'headers']) {
    if (active?.[key]) storage.setItem(`graphiql:${key}`, active[key]);
    else storage.removeItem(`graphiql:${key}`);
  }
}

const SIGN_IN = 'mutation SignIn($token: String!) { sessionFromLink(token: $token) { accessToken userErrors { message } } }';

// A sign-in link ends in #sign-in=TOKEN: a part of the address that browsers keep to themselves. It works once.
async function signIn(endpoint) {
  const token = new URLSearchParams(window.location.hash.slice(1)).get('sign-in');
  if (!token) return undefined;
  window.history.replaceState(null, '', window.location.pathname);
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query: SIGN_IN, variables: { token } }),
  });
  const { data, errors } = await answer.json();
  const session = data?.sessionFromLink;
  if (!session?.accessToken) return session?.userErrors?.[0]?.message ?? errors?.[0]?.message ?? 'it was refused';
  storage.clear();
  storage.setItem('dunwell:authorization', `Bearer ${session.accessToken}`);
  return undefined;
}

function headersOf(settings) {
  const Authorization = storage.getItem('dunwell:authorization') ?? settings.headers?.Authorization;
  return Authorization ? JSON.stringify({ ...settings.headers, Authorization }, null, 2) : undefined;
}

async function start() {
  const root = document.getElementById('graphiql');
  const answer = await fetch('/graphiql/settings.json', { headers: { accept: 'application/json' } });
  if (!answer.ok) throw new Error(`settings: ${answer.status}`);
  const told = await answer.text();
  const settings = JSON.parse(told);
  forgetOthers(told);
  const refused = await signIn(settings.endpoint);
  storage.setItem('dunwell:settings', told);
  const headers = headersOf(settings);
  const tabs = tabsOf(settings, headers ?? FIRST_HEADERS);
  showActiveTab(tabs);
  createRoot(root).render(<Page settings={settings} headers={headers} tabs={tabs} refused={refused} />);
}

start().catch(error => {
  document.getElementById('graphiql').textContent = `GraphiQL could not start (${error.message}).`;
});
