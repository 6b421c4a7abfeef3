// Where the phone is, and how far and in which direction something lies, without a network.
import { language, t } from "./texts.js";

const RADIUS_M = 6_371_000;
const rad = (degrees) => (degrees * Math.PI) / 180;

export const here = { at: null, denied: false };

const STEP_M = 10;

/** Follow the position for as long as the page is in sight; `told` when it has changed by some steps, or is known or not. */
export function follow(told) {
  let watch = null;
  let last = null;
  const start = () => {
    if (watch !== null || document.hidden || !navigator.geolocation) return;
    watch = navigator.geolocation.watchPosition(
      (p) => {
        take(p);
        const now = [here.at.lon, here.at.lat];
        if (last && Math.hypot(...offset(now, last)) < STEP_M) return;
        last = now;
        told();
      },
      (error) => { here.denied = error.code === error.PERMISSION_DENIED; told(); },
      { enableHighAccuracy: true, maximumAge: 15_000 },
    );
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && watch !== null) { navigator.geolocation.clearWatch(watch); watch = null; } else start();
  });
  start();
}

function take(p) {
  here.at = { lon: p.coords.longitude, lat: p.coords.latitude, accuracy_m: Math.round(p.coords.accuracy), when: Date.now() };
  here.denied = false;
}

/** The position for an entry: the one of now, asked for anew where the phone has lain still for long. */
export async function located() {
  if (!fix() && navigator.geolocation && !here.denied) {
    await new Promise((done) => navigator.geolocation.getCurrentPosition((p) => { take(p); done(); }, () => done(), { enableHighAccuracy: true, maximumAge: 60_000, timeout: 8_000 }));
  }
  return fix();
}

/** The last position, if it is one of now. */
export function fix() {
  if (!here.at || Date.now() - here.at.when > 120_000) return null;
  const { lon, lat, accuracy_m } = here.at;
  return { lon: Number(lon.toFixed(6)), lat: Number(lat.toFixed(6)), accuracy_m };
}

export function pointOf(row) {
  const shape = row?.values.location;
  return shape?.type === "Point" ? shape.coordinates : null;
}

/** Metres east and north of one point as seen from another. */
export function offset([lon, lat], [lon0, lat0]) {
  return [rad(lon - lon0) * Math.cos(rad(lat0)) * RADIUS_M, rad(lat - lat0) * RADIUS_M];
}

export function distance(point) {
  if (!here.at || !point) return null;
  return Math.hypot(...offset(point, [here.at.lon, here.at.lat]));
}

export function said(point) {
  const metres = distance(point);
  if (metres === null) return "";
  const [east, north] = offset(point, [here.at.lon, here.at.lat]);
  const eighth = Math.round((Math.atan2(east, north) / (2 * Math.PI)) * 8 + 8) % 8;
  const d = metres < 1000 ? `${Math.round(metres / 10) * 10} ${language === "en" ? "m" : "米"}` : `${(metres / 1000).toFixed(1)} ${language === "en" ? "km" : "公里"}`;
  return t("away", { d, dir: t("directions").split(",")[eighth] });
}
