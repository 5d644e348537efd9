// Bytes that mean something in XML.
export const LT = 0x3c;
export const GT = 0x3e;
export const SLASH = 0x2f;
export const EQUALS = 0x3d;
export const COLON = 0x3a;
export const QUOTE = 0x22;
export const APOSTROPHE = 0x27;
export const AMPERSAND = 0x26;
export const BANG = 0x21;
export const QUESTION = 0x3f;
export const SPACE = 0x20;
export const CR = 0x0d;
export const UNDERSCORE = 0x5f;
