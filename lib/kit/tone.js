// The desk's two tones: high for done, low for refused. Of the desk, the kiosk and the offline desk.
let speaker = null;

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
