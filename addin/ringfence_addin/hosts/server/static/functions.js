// The formulas as Excel's custom functions: each call goes to the server that this page is from.
//
// Excel calls once for every cell, often hundreds at a time, so calls that wait are sent together
// in one request, and one request after the other: what comes in meanwhile makes the next one.
"use strict";

(() => {
  const MOST_CALLS = 100; // in one request; the server takes 500
  const MOST_CHARACTERS = 1000000; // in one request, unless a single call is longer; it takes 5 MB
  const MILLISECONDS = 100000; // more than the server takes for itself

  const ERROR_CODES = { "#N/A": "notAvailable", "#NUM!": "invalidNumber", "#VALUE!": "invalidValue" };

  const read = (page, name) => page.querySelector(`meta[name="ringfence-${name}"]`).content;
  const ids = read(document, "formulas").split(" ");
  let token = read(document, "token");
  let sending = false;
  const waiting = [];

  // Excel's value of an argument: a cell, a range as rows, an error or another data type as object.
  function fromExcel(value) {
    if (value === undefined || value === null) return null;
    if (Array.isArray(value)) return value.map(fromExcel);
    if (typeof value === "object") return value.basicValue ?? value.code ?? null;
    return value;
  }

  function excelError({ error, message }) {
    const code = CustomFunctions.ErrorCode[ERROR_CODES[error] ?? "invalidValue"];
    return new CustomFunctions.Error(code, message);
  }

  // The server's result for Excel: a cell, a table as rows, an error value as object.
  function toExcel(value) {
    if (Array.isArray(value)) return value.map(toExcel);
    return typeof value === "object" ? excelError(value) : value;
  }

  function settle(call, value) {
    const result = toExcel(value);
    if (result instanceof CustomFunctions.Error) call.reject(result);
    else call.resolve(result);
  }

  function nextBatch() {
    let count = 0;
    let characters = 0;
    while (count < waiting.length && count < MOST_CALLS) {
      characters += waiting[count].text.length;
      if (count > 0 && characters > MOST_CHARACTERS) break;
      count += 1;
    }
    return waiting.splice(0, count);
  }

  function post(body) {
    return fetch("/call", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Ringfence-Token": token },
      body,
      redirect: "error",
      signal: AbortSignal.timeout(MILLISECONDS),
    });
  }

  // A server that was started anew has a new token, which its page holds.
  async function renewToken() {
    const page = await (await fetch("/taskpane.html")).text();
    token = read(new DOMParser().parseFromString(page, "text/html"), "token");
  }

  async function results(batch) {
    const body = `{"calls":[${batch.map((call) => call.text).join()}]}`;
    let response;
    let answer;
    try {
      response = await post(body);
      if (response.status === 403) {
        await renewToken();
        response = await post(body);
      }
      answer = await response.json();
    } catch {
      throw new Error("The Ringfence server does not answer. Start it: ringfence server");
    }
    if (!response.ok) throw new Error(`Ringfence: ${answer.error}`);
    return answer.results;
  }

  async function sendAll() {
    while (waiting.length > 0) {
      const batch = nextBatch();
      try {
        const values = await results(batch);
        batch.forEach((call, at) => settle(call, values[at]));
      } catch (problem) {
        const error = excelError({ error: "#N/A", message: problem.message });
        batch.forEach((call) => call.reject(error));
      }
    }
    sending = false;
  }

  function customFunction(id) {
    return (...given) =>
      new Promise((resolve, reject) => {
        const values = given.slice(0, -1).map(fromExcel); // the last is Excel's own invocation
        waiting.push({ text: JSON.stringify({ name: id, arguments: values }), resolve, reject });
        if (!sending) {
          sending = true;
          setTimeout(sendAll); // after the other calls of this moment
        }
      });
  }

  for (const id of ids) CustomFunctions.associate(id, customFunction(id));
  Office.onReady(() => {
    document.getElementById("status").textContent = `Ready: ${ids.length} formulas.`;
  });
})();
