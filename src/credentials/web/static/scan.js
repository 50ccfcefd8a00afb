// Reading a code with the camera. The browser does it itself where it can; else single pictures go to the server, which keeps
// none. Without a camera, or without JavaScript, a photo of the code can be chosen as a file.
(() => {
  'use strict';
  const PAUSE = 700; // milliseconds between two looks
  const WIDTH = 1000; // pixels of a picture that is sent: a code fills half of them

  const start = (panel) => {
    const form = panel.closest('form');
    const text = form.querySelector('textarea[name=text]');
    const video = panel.querySelector('video');
    const line = panel.querySelector('[data-scan-says]');
    const begin = panel.querySelector('[data-scan-begin]');
    const end = panel.querySelector('[data-scan-end]');
    let stream = null;
    const say = (words) => { line.textContent = words; };
    const stop = () => {
      if (stream) stream.getTracks().forEach((track) => track.stop());
      stream = null;
      video.srcObject = null;
      video.hidden = end.hidden = true;
      begin.hidden = false;
    };
    const ownReader = async () => {
      if (!('BarcodeDetector' in window)) return null;
      const formats = await window.BarcodeDetector.getSupportedFormats();
      if (!formats.includes('qr_code')) return null;
      const detector = new window.BarcodeDetector({formats: ['qr_code']});
      return async () => {
        const [code] = await detector.detect(video);
        return code ? code.rawValue : '';
      };
    };
    const serversReader = async () => {
      const canvas = document.createElement('canvas');
      canvas.width = Math.min(video.videoWidth, WIDTH);
      canvas.height = Math.round(video.videoHeight * canvas.width / video.videoWidth);
      canvas.getContext('2d').drawImage(video, 0, 0, canvas.width, canvas.height);
      const picture = await new Promise((done) => canvas.toBlob(done, 'image/png'));
      const answer = await fetch('/verify/code', {method: 'POST', body: picture, headers: {'Content-Type': 'image/png', 'Accept': 'application/json'}});
      if (answer.status === 200) return (await answer.json()).text;
      if (answer.status !== 204) throw new Error((await answer.json()).detail || 'The code could not be read.');
      return '';
    };
    const look = async (read) => {
      while (stream) {
        const found = video.videoWidth ? await read() : '';
        if (found) {
          stop();
          text.value = found;
          say('The code is read.');
          form.requestSubmit();
          return;
        }
        await new Promise((done) => setTimeout(done, PAUSE));
      }
    };
    begin.addEventListener('click', async () => {
      try {
        stream = await navigator.mediaDevices.getUserMedia({video: {facingMode: 'environment', width: {ideal: 1280}}});
      } catch {
        say('The camera could not be opened: allow it in the browser, or choose a photo of the code as a file.');
        return;
      }
      begin.hidden = true;
      video.hidden = end.hidden = false;
      video.srcObject = stream;
      say('Hold the code before the camera.');
      try {
        await video.play();
        await look((await ownReader()) || serversReader);
      } catch (error) {
        stop();
        say(error.message || 'The code could not be read: choose a photo of it as a file.');
      }
    });
    end.addEventListener('click', () => { stop(); say(''); begin.focus(); });
    window.addEventListener('pagehide', stop);
    panel.hidden = false;
  };

  document.addEventListener('DOMContentLoaded', () => {
    if (navigator.mediaDevices) document.querySelectorAll('[data-scan]').forEach(start);
    document.querySelectorAll('[data-print]').forEach((button) => {
      button.hidden = false;
      button.addEventListener('click', () => window.print());
    });
  });
})();
