// Runs probe.py in Pyodide, with no network.
//   node run.mjs NODE_MODULES WHEELS PROBE CASES.json    prints what the probe returns, JSON
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [modules, wheels, probe, cases] = process.argv.slice(2).map((its) => path.resolve(its));
const home = path.join(modules, "pyodide") + path.sep;
const { loadPyodide } = await import(pathToFileURL(path.join(home, "pyodide.mjs")));
globalThis.fetch = () => {
  throw new Error("this test has no network");
};
const pyodide = await loadPyodide({ indexURL: home });
const site = pyodide.runPython("import site; site.getsitepackages()[0]");
pyodide.FS.mkdir("/wheels");
for (const name of fs.readdirSync(wheels).filter((its) => its.endsWith(".whl"))) {
  const bytes = new Uint8Array(fs.readFileSync(path.join(wheels, name)));
  if (/^(micropip|packaging)-/.test(name)) {
    pyodide.unpackArchive(bytes, "wheel", { extractDir: site });
  } else {
    pyodide.FS.writeFile(`/wheels/${name}`, bytes); // for the installer
  }
}
pyodide.globals.set("CASES", fs.readFileSync(cases, "utf8"));
console.log(await pyodide.runPythonAsync(fs.readFileSync(probe, "utf8")));
