// The Socket.IO client of npm against a running assistant: prints what it was told, as JSON.
// Usage: node client.mjs ADDRESS

import { io } from "socket.io-client";

const told = {};
const socket = io(process.argv[2], { transports: ["websocket"] });
const next = (event) => new Promise((resolve) => socket.once(event, resolve));

// As clients of Rasa's own channel do it.
socket.emit("session_request", {});
const { session_id } = await next("session_confirm");
socket.emit("user_uttered", { message: "¿Cuándo debo renovar mi DACA?", session_id });
told.usual = await next("bot_uttered");

// As the page does it: one message, twice.
const question = { id: "0123456789abcdef", message: "can ice come in my house" };
told.first = await socket.timeout(10_000).emitWithAck("user_uttered", question);
told.again = await socket.timeout(10_000).emitWithAck("user_uttered", question);
told.rated = await socket.timeout(10_000).emitWithAck("user_rated", { id: question.id, rating: "helped" });
told.erased = await socket.timeout(10_000).emitWithAck("user_erased", {});

// What is not an event of ours.
socket.emit("user_uttered", "hola");
told.malformed = await next("error");
socket.disconnect();
console.log(JSON.stringify(told));
