"use strict";
// Scales and ticks of the axes, and numbers as text.

/** A number with three digits, as in the tables. */
function numberText(value) {
  if (value === null || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-3) return value.toExponential(2);
  if (size >= 1000) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}

/** A short number for a tick. */
function tickText(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-4) return value.toExponential(0);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))} M`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))} k`;
  return String(Number(value.toPrecision(6)));
}

function linearTicks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * power).find((k) => k >= rough * 0.999);
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high * (1 + 1e-9) + 1e-12; k += 1) ticks.push(k * step);
  return ticks;
}

function logTicks(low, high, count) {
  for (const kept of [[1, 1.5, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]]) {
    const ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
      for (const k of kept) if (k * 10 ** power >= low * 0.999 && k * 10 ** power <= high * 1.001) ticks.push(k * 10 ** power);
    }
    if (ticks.length <= count || kept.length === 1) {
      const every = Math.ceil(ticks.length / count);
      return ticks.filter((_, k) => k % every === 0);
    }
  }
  return [];
}

/**
 * A scale from values to pixels.
 *
 * On a logarithmic one, what is not positive stands in a strip of its own at the beginning, marked 0.
 */
function makeScale(values, from, to, log, fromZero, count) {
  const known = values.filter((value) => value !== null && Number.isFinite(value));
  const positive = known.filter((value) => value > 0);
  if (log && positive.length > 0) {
    const strip = positive.length < known.length ? 34 * Math.sign(to - from) : 0;
    let low = Math.min(...positive);
    let high = Math.max(...positive);
    const middle = Math.sqrt(low * high);
    low = Math.min(low / 1.15, middle / 2);
    high = Math.max(high * 1.15, middle * 2);
    const begin = from + strip;
    const place = (value) =>
      value > 0 ? begin + ((to - begin) * Math.log(value / low)) / Math.log(high / low) : from + strip / 3;
    return { place, ticks: [...(strip ? [0] : []), ...logTicks(low, high, count)], edge: strip ? begin - strip / 4 : null };
  }
  let low = known.length ? Math.min(...known) : 0;
  let high = known.length ? Math.max(...known) : 1;
  if (fromZero && low > 0) low = 0;
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  low = low === 0 ? 0 : low - room;
  high += room;
  return { place: (value) => from + ((to - from) * (value - low)) / (high - low), ticks: linearTicks(low, high, count), edge: null };
}

/** Which of the points no other one beats; [] where neither end of an axis is the better one. */
function paretoFront(points, moreX, moreY) {
  if (moreX === null || moreY === null) return [];
  const noWorse = (a, b, more) => (more ? a >= b : a <= b);
  return points.filter(
    (p) =>
      !points.some(
        (q) => noWorse(q.x, p.x, moreX) && noWorse(q.y, p.y, moreY) && (q.x !== p.x || q.y !== p.y),
      ),
  );
}
