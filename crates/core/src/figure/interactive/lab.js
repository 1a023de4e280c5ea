// Starts a page that computes, once in each place where it is shown.
function (hash, data, trainer, controls, figure) {
  "use strict";
  const start = host => {
    host.dataset.on = "";
    host.gradus = figure(host, data, trainer(), controls(host, data));
  };
  const roots = [document];
  if (document.currentScript) roots.push(document.currentScript.getRootNode());
  for (const root of roots) {
    if (root.querySelectorAll) root.querySelectorAll('[data-gradus="' + hash + '"]:not([data-on])').forEach(start);
  }
}
