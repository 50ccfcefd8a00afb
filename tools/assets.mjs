// Builds src/credentials/web/static/vendor from node_modules: one style sheet of the parts of the U.S. Web Design System
// that the pages use (uswds.scss), the fonts and pictures that it refers to, one sprite of icons, and htmx.
//
//   node tools/assets.mjs          builds what is not there or not current (about ten seconds)
//   node tools/assets.mjs --force  builds it again
//
// Nothing is fetched: `npm ci --omit=dev` has put everything into node_modules, checked against package-lock.json.

import {createHash} from 'node:crypto';
import {copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {basename, dirname, extname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const REPOSITORY = dirname(HERE);
const MODULES = join(REPOSITORY, 'node_modules');
const USWDS = join(MODULES, '@uswds', 'uswds');
const STATIC = join(REPOSITORY, 'src', 'credentials', 'web', 'static');
const VENDOR = join(STATIC, 'vendor');

// The icons that templates name; a test holds this list against them.
const ICONS = [
  'autorenew', 'check', 'check_circle', 'close', 'content_copy', 'delete', 'do_not_disturb', 'edit', 'emoji_events',
  'error', 'event', 'file_download', 'file_present', 'file_upload', 'help_outline', 'history', 'hourglass_empty',
  'image', 'info', 'link', 'link_off', 'mail', 'menu', 'person', 'radio_button_unchecked', 'remove_circle',
  'schedule', 'school', 'search', 'share', 'text_fields', 'undo', 'verified', 'verified_user', 'visibility',
  'warning',
];

const digest = (...contents) => contents.reduce((hash, content) => hash.update(content), createHash('sha256')).digest('hex');

// What the result depends on: this script, the settings, and the exact packages.
const current = digest(
  readFileSync(fileURLToPath(import.meta.url)),
  readFileSync(join(HERE, 'uswds.scss')),
  readFileSync(join(REPOSITORY, 'package-lock.json')),
);
const stamp = join(VENDOR, 'built-from.txt');
if (!process.argv.includes('--force') && existsSync(stamp) && readFileSync(stamp, 'utf8') === current) {
  console.log('the web assets are current');
  process.exit(0);
}

// Built beside the old ones and then put in their place, so that a broken build leaves what was there.
const fresh = `${VENDOR}.new`;
rmSync(fresh, {recursive: true, force: true});
mkdirSync(fresh, {recursive: true});

const sass = await import('sass');
const {css} = sass.compile(join(HERE, 'uswds.scss'), {
  style: 'compressed',
  loadPaths: [join(USWDS, 'packages')],
  quietDeps: true,
});

// Whatever the style sheet refers to is named by its content, so that it can be cached for good.
const named = new Map();
const byContent = (path) => {
  const content = readFileSync(join(USWDS, 'dist', path));
  const name = `${basename(path, extname(path))}.${digest(content).slice(0, 10)}${extname(path)}`;
  writeFileSync(join(fresh, name), content);
  return name;
};
const linked = css.replace(/url\("?([^")]+)"?\)/g, (whole, path) => {
  if (path.startsWith('data:')) return whole;
  if (!named.has(path)) named.set(path, byContent(path));
  return `url("${named.get(path)}")`;
});
writeFileSync(join(fresh, 'uswds.css'), linked);

const symbols = ICONS.map((name) => {
  const drawing = readFileSync(join(USWDS, 'dist', 'img', 'usa-icons', `${name}.svg`), 'utf8');
  const [, viewBox] = drawing.match(/viewBox="([^"]+)"/);
  const [, inside] = drawing.match(/<svg[^>]*>(.*)<\/svg>/s);
  return `<symbol id="${name}" viewBox="${viewBox}">${inside.trim()}</symbol>`;
});
writeFileSync(join(fresh, 'icons.svg'), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`);

copyFileSync(join(MODULES, 'htmx.org', 'dist', 'htmx.min.js'), join(fresh, 'htmx.js'));
copyFileSync(join(USWDS, 'LICENSE.md'), join(fresh, 'LICENSE-uswds.md'));
copyFileSync(join(MODULES, 'htmx.org', 'LICENSE'), join(fresh, 'LICENSE-htmx.txt'));
writeFileSync(join(fresh, 'built-from.txt'), current);

rmSync(VENDOR, {recursive: true, force: true});
renameSync(fresh, VENDOR);
console.log(`built ${named.size + 3} web assets, style sheet ${Math.round(linked.length / 1024)} KiB`);
