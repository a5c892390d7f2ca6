// Times, counts, new numbers for acts, and the tones of the desk.

const two = (number) => String(number).padStart(2, "0");

// The time on this computer's clock with its zone: 2026-03-10T14:05:09.120+01:00
export function local(now) {
  const ahead = -now.getTimezoneOffset();
  const zone = `${ahead < 0 ? "-" : "+"}${two(Math.floor(Math.abs(ahead) / 60))}:${two(Math.abs(ahead) % 60)}`;
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}.${String(now.getMilliseconds()).padStart(3, "0")}`;
  return `${day}T${time}${zone}`;
}

export const localTime = (stamp) => new Date(stamp).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

export const dayAndTime = (stamp) =>
  new Date(stamp).toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

export const isToday = (stamp) => new Date(stamp).toDateString() === new Date().toDateString();

export const count = (number, one, many) => `${number} ${number === 1 ? one : many}`;

// crypto.randomUUID exists only where the page came over https or from this machine.
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

let speaker = null;

// High for done, low for refused.
export function tone(kind) {
  if (!kind) return;
  speaker ??= new AudioContext();
  const [pitch, length] = kind === "good" ? [1320, 0.09] : [220, 0.32];
  const wave = speaker.createOscillator();
  const loudness = speaker.createGain();
  wave.frequency.value = pitch;
  loudness.gain.setValueAtTime(0.12, speaker.currentTime);
  loudness.gain.exponentialRampToValueAtTime(0.001, speaker.currentTime + length);
  wave.connect(loudness).connect(speaker.destination);
  wave.start();
  wave.stop(speaker.currentTime + length);
}
