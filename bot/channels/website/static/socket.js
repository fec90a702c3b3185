// Socket.IO 5 over Engine.IO 4 over one WebSocket, as much of it as the page needs: connects,
// asks for a session, answers pings, connects again. The session's signed token lives in this
// variable only; closing the page forgets it.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 10000;
const ANSWER_WITHIN = 10000; // phones lose networks without noticing: then a new connection is quicker
const OPEN = "0", CLOSE = "1", PING = "2", PONG = "3";
const CONNECT = "40", DISCONNECT = "41", EVENT = "42", CONNECT_ERROR = "44";

let socket, token, ready = false, wait = FIRST_WAIT, patience = 20000, watchdog, handlers;

/** Start; `on` maps "ready", "lost" and each Socket.IO event to a function. */
export function start(on) {
  handlers = on;
  connect();
}

/** Send an event, if there is a session: otherwise "ready" will say when. */
export function emit(event, data) {
  if (!ready) return;
  send(event, data);
  watch(ANSWER_WITHIN);
}

/** Forget the session and ask for a new one. */
export function renew() {
  token = undefined;
  if (ready) askSession();
}

const send = (event, data) => socket.send(EVENT + JSON.stringify([event, data]));
const askSession = () => send("session_request", token ? { session_id: token } : {});

function connect() {
  socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/socket.io/?EIO=4&transport=websocket");
  socket.onmessage = ({ data }) => receive(data);
  socket.onclose = lost;
  watch(patience);
}

function watch(milliseconds) {
  clearTimeout(watchdog);
  watchdog = setTimeout(lost, milliseconds);
}

function receive(packet) {
  watch(patience);
  if (packet === PING) socket.send(PONG);
  else if (packet.startsWith(EVENT)) dispatch(...JSON.parse(packet.slice(EVENT.length)));
  else if (packet.startsWith(CONNECT)) askSession();
  else if (packet.startsWith(DISCONNECT) || packet.startsWith(CONNECT_ERROR) || packet === CLOSE) lost();
  else if (packet.startsWith(OPEN)) {
    const { pingInterval, pingTimeout } = JSON.parse(packet.slice(OPEN.length));
    patience = pingInterval + pingTimeout;
    socket.send(CONNECT);
  }
}

function dispatch(event, data) {
  if (event === "session_confirm") {
    token = data.session_id;
    ready = true;
    wait = FIRST_WAIT;
    handlers.ready();
  } else handlers[event]?.(data);
}

function lost() {
  clearTimeout(watchdog);
  socket.onclose = socket.onmessage = null;
  socket.close();
  ready = false;
  handlers.lost();
  setTimeout(connect, wait * (1 + Math.random()));
  wait = Math.min(wait * 2, LONGEST_WAIT);
}
