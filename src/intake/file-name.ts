const MAX_FILE_NAME_CHARS = 255;

/** A file name is data: shown, never used as a path. Control and direction characters, which deceive the eye, are taken out. */
export function cleanFileName(name: string | undefined): string | null {
  const clean = (name ?? '')
    .normalize('NFC')
    // oxlint-disable-next-line no-control-regex -- they are what is removed
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim();
  return clean === '' ? null : [...clean].slice(0, MAX_FILE_NAME_CHARS).join('');
}
