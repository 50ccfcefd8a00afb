// Whoever leaves a page with something unsaved in it is asked first. A form says by data-unsaved that it wants that; where its
// value is "yes", what it was sent with was refused, and is unsaved from the start. The question is the browser's own.
(() => {
  'use strict';
  const TYPED = 'textarea, select, input:not([type=hidden])';
  const controls = (form) => [...form.elements].filter((one) => one.name && one.matches(TYPED));
  const isChoice = (one) => one.matches('[type=radio], [type=checkbox]');
  // What a page was sent with, or what was saved since, is what a control would be reset to.
  const differs = (one) => {
    if (isChoice(one)) return one.checked !== one.defaultChecked;
    if (one.matches('select')) return one.value !== (one.querySelector('option[selected]') || one.options[0]).value;
    return one.value !== one.defaultValue;
  };
  let leaving = null; // a form that is on its way takes its own words along, and only those
  const unsaved = () => [...document.querySelectorAll('form[data-unsaved]')].some(
    (form) => form !== leaving && (form.dataset.unsaved === 'yes' || controls(form).some(differs)),
  );
  const ask = (event) => {
    if (!unsaved()) return;
    event.preventDefault();
    event.returnValue = true; // for browsers of before 2023
  };
  // A page that listens for this is not kept for the way back by some browsers: so only while there is something.
  const look = () => {
    if (unsaved()) window.addEventListener('beforeunload', ask);
    else window.removeEventListener('beforeunload', ask);
  };
  document.addEventListener('input', look);
  document.addEventListener('change', look);
  document.addEventListener('DOMContentLoaded', look);
  window.addEventListener('pageshow', () => { leaving = null; });
  document.addEventListener('submit', (event) => { if (!event.defaultPrevented) leaving = event.target; });

  // A form that saves itself and stays: what was sent is saved, and what was typed meanwhile is not.
  const sent = new WeakMap();
  document.addEventListener('htmx:beforeRequest', ({target: form}) => {
    if (!form.matches('form[data-unsaved]')) return;
    sent.set(form, controls(form).map((one) => [one, isChoice(one) ? one.checked : one.value]));
  });
  document.addEventListener('htmx:afterRequest', ({target: form, detail}) => {
    if (!sent.has(form) || !detail.xhr || !detail.xhr.responseText.includes('data-saved')) return;
    for (const [one, value] of sent.get(form)) {
      if (isChoice(one)) one.defaultChecked = value;
      else if (one.matches('textarea')) one.defaultValue = value;
    }
    form.dataset.unsaved = '';
    look();
  });
  document.addEventListener('htmx:afterSettle', look); // a form that is put in the place of an old one begins anew
})();
