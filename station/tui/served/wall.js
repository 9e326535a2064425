// A board on the wall has no hands: when its connection ends, the page is loaded again.
const AGAIN_MS = 5000;
const closed = () => document.body.classList.contains("-closed");
setInterval(() => { if (closed()) fetch("./", { cache: "no-store" }).then((answer) => { if (answer.ok) location.reload(); }, () => {}); }, AGAIN_MS);
// Nor a mouse: F2 is heard without a click.
setInterval(() => { if (document.activeElement === document.body) document.querySelector(".xterm-helper-textarea")?.focus(); }, 500);
