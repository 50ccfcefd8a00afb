// What makes pages handier where JavaScript runs. Every page does its work without it.
(() => {
  'use strict';
  document.documentElement.classList.add('js');

  const words = (text) => (text.trim() ? text.trim().split(/\s+/).length : 0);

  const menu = () => {
    const button = document.querySelector('.menu-button');
    const nav = document.getElementById('site-nav');
    if (!button || !nav) return;
    button.hidden = false;
    const set = (open) => {
      button.setAttribute('aria-expanded', String(open));
      nav.classList.toggle('is-open', open);
    };
    button.addEventListener('click', () => set(button.getAttribute('aria-expanded') !== 'true'));
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && nav.classList.contains('is-open')) {
        set(false);
        button.focus();
      }
    });
  };

  // How many words a text has, beside how many are read. Said aloud only when typing pauses.
  const count = (area) => {
    let line = area.nextElementSibling;
    if (!line || !line.classList.contains('words')) {
      line = document.createElement('p');
      line.className = 'words';
      line.setAttribute('aria-live', 'polite');
      area.after(line);
    }
    const most = Number(area.dataset.maxWords);
    const now = words(area.value);
    line.classList.toggle('words--over', now > most);
    const over = now - most;
    line.textContent = now > most ? `${now} words: ${over} more than the ${most} that are read` : `${now} of at most ${most} words`;
  };
  const counting = (root) => root.querySelectorAll('textarea[data-max-words]').forEach(count);
  let pause;
  document.addEventListener('input', (event) => {
    if (!event.target.matches('textarea[data-max-words]')) return;
    clearTimeout(pause);
    pause = setTimeout(() => count(event.target), 400);
  });

  // A kept comment goes into the feedback at once, before the form is saved by itself.
  document.addEventListener('change', (event) => {
    const choice = event.target;
    if (!choice.matches('select[data-inserts]') || !choice.value) return;
    const field = document.getElementById(choice.dataset.inserts);
    const text = choice.selectedOptions[0].dataset.text;
    field.value = field.value.trim() ? `${field.value.trim()}\n\n${text}` : text;
    choice.value = '';
  }, true);

  // A file that is too large is said so before its bytes travel.
  document.addEventListener('change', (event) => {
    const input = event.target;
    if (!input.matches('input[type=file][data-max-bytes]')) return;
    const most = Number(input.dataset.maxBytes);
    const large = [...input.files].some((file) => file.size > most);
    input.setCustomValidity(large ? `This file is larger than ${Math.floor(most / 1048576)} MB.` : '');
    if (large) input.reportValidity();
  });

  const passwords = () => document.querySelectorAll('input[type=password][data-show]').forEach((input) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'link-button small';
    button.textContent = 'Show password';
    button.setAttribute('aria-controls', input.id);
    button.addEventListener('click', () => {
      const shown = input.type === 'text';
      input.type = shown ? 'password' : 'text';
      button.textContent = shown ? 'Show password' : 'Hide password';
    });
    input.after(button);
  });

  const copying = () => document.querySelectorAll('[data-copy]').forEach((button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener('click', async () => {
      const source = document.getElementById(button.dataset.copy);
      await navigator.clipboard.writeText(source.value || source.textContent.trim());
      button.querySelector('span').textContent = 'Copied';
    });
  });

  // How far an upload is (htmx tells it), and that a form is on its way.
  document.addEventListener('htmx:xhr:progress', (event) => {
    const bar = event.target.querySelector && event.target.querySelector('progress');
    if (!bar || !event.detail.lengthComputable) return;
    bar.hidden = false;
    bar.value = event.detail.loaded / event.detail.total;
  });
  // What went wrong on the way is said in the form itself, and what was typed stays in it.
  const say = (form, text) => {
    const line = form.querySelector('[data-lost]');
    if (!line) {
      form.submit();
      return;
    }
    line.hidden = !text;
    if (text) line.querySelector('span').textContent = text;
  };
  for (const failure of ['htmx:sendError', 'htmx:timeout']) {
    document.addEventListener(failure, (event) => say(event.target, 'The connection was lost and nothing was saved. What you typed is still here: try again.'));
  }
  document.addEventListener('htmx:beforeRequest', (event) => {
    if (event.target.querySelector('[data-lost]')) say(event.target, '');
  });
  // An answer that is some other page (signed out meanwhile, or a fault of ours) must not take the place of what was typed.
  document.addEventListener('htmx:beforeSwap', (event) => {
    const {target, xhr, requestConfig} = event.detail;
    const part = target.matches('.requirement');
    if (part ? xhr.responseText.includes(`id="${target.id}"`) : !xhr.responseText.includes('<html')) return;
    event.detail.shouldSwap = false;
    say(requestConfig.elt, xhr.status === 401
      ? 'You are signed out, and nothing was saved. Sign in in another tab, then try again here: what you typed is still here.'
      : 'That did not work, and nothing was saved. What you typed is still here: try again.');
  });
  // A part of the page was put in the place of an old one: the keyboard goes on there, and it is said aloud.
  document.addEventListener('htmx:afterSettle', (event) => {
    counting(document);
    const part = document.getElementById(event.detail.target.id);
    if (!part || !part.matches('.requirement')) return;
    const summary = part.querySelector('.error-summary');
    (summary || part).focus();
    const live = document.getElementById('live');
    if (live && !summary) live.textContent = 'Saved.';
  });

  document.addEventListener('DOMContentLoaded', () => {
    menu();
    counting(document);
    passwords();
    copying();
    const summary = document.querySelector('.error-summary');
    if (summary) summary.focus();
  });
})();
