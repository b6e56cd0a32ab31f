// A machine that slept: its connections may be dead without a word of it.

const LOOK_MS = 5000;
const SLEPT_MS = 20_000; // longer than a busy page may hang

/** Call `work` when the page is seen again after the machine, or the page, has slept. */
export function onWake(work) {
  let seen = Date.now();
  const look = () => {
    if (document.visibilityState !== "visible") return; // a hidden page's timers are slow
    const slept = Date.now() - seen > SLEPT_MS;
    seen = Date.now();
    if (slept) work();
  };
  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", look);
}
