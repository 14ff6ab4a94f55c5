#!/usr/bin/env node
// Plain old JavaScript: this file must parse on every Node that knows modules, to say which one is needed.
var needed = [24, 21];
var found = process.versions.node.split(".").map(Number);

if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  process.stderr.write(
    "squall: found Node " + process.versions.node + ", needs Node " + needed.join(".") + " or later\n",
  );
  process.exitCode = 3;
} else {
  hideSqliteWarning();
  import("node:module")
    .then(function (module) {
      module.enableCompileCache();
      var cache = module.getCompileCacheDir();
      // Threads learn of it from their environment alone; what is in force is a folder inside the one that is set.
      if (cache && !process.env.NODE_COMPILE_CACHE) process.env.NODE_COMPILE_CACHE = cache.replace(/[\\/][^\\/]+$/, "");
      return import("node:fs");
    })
    .then(function (fs) {
      // The package ships `dist` alone; where there is `src`, this is a checkout.
      var source = new URL("../src/main.ts", import.meta.url);
      return import(fs.existsSync(source) ? source.href : new URL("../dist/main.js", import.meta.url).href);
    });
}

/** Some releases of Node call node:sqlite experimental whenever it is loaded. Every other warning is printed. */
function hideSqliteWarning() {
  var emit = process.emitWarning;
  process.emitWarning = function (warning) {
    var text = String((warning && warning.message) || warning);
    if (text.indexOf("SQLite is an experimental feature") !== 0) emit.apply(process, arguments);
  };
}
