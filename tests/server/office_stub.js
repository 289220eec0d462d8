// A minimal stand-in for Microsoft's office.js: what a page with custom functions uses of it.
"use strict";

window.CustomFunctions = {
  ErrorCode: {
    divisionByZero: "#DIV/0!",
    invalidName: "#NAME?",
    invalidNumber: "#NUM!",
    invalidReference: "#REF!",
    invalidValue: "#VALUE!",
    notAvailable: "#N/A",
    nullReference: "#NULL!",
  },
  Error: class extends Error {
    constructor(code, message) {
      super(message);
      this.code = code;
    }
  },
  associated: {},
  associate(id, custom) {
    if (id in this.associated) throw new Error(`${id} is associated twice`);
    this.associated[id] = custom;
  },
};

window.Office = { onReady: (ready) => Promise.resolve({ host: "Excel", platform: "PC" }).then(ready) };

// Calls as Excel does: the arguments, omitted ones as null, then the invocation. What the cell shows.
window.excel = async (id, given) => {
  const shown = (value) => {
    if (Array.isArray(value)) return value.map(shown);
    return value instanceof CustomFunctions.Error ? { error: value.code, message: value.message } : value;
  };
  try {
    return shown(await CustomFunctions.associated[id](...given, { functionName: id }));
  } catch (error) {
    return shown(error);
  }
};
