// META-INF/manifest.xml of an OpenDocument file: what the file is, and whether it has a password (ODF 1.3 part 2, 4.2).
import { XmlReader } from '../xml-reader.ts';

export interface Manifest {
  /** The media type of the whole; undefined when it does not say. */
  readonly mediaType: string | undefined;
  readonly isEncrypted: boolean;
}

/** @throws XmlProblem */
export function readManifest(part: Buffer): Manifest {
  const xml = new XmlReader();
  let mediaType: string | undefined;
  let isEncrypted = false;
  xml.push(part);
  xml.push(null);
  for (let event = xml.next(); event !== 'end'; event = xml.next()) {
    if (event !== 'open') continue;
    if (xml.name === 'file-entry' && xml.attributeNamed('full-path') === '/')
      mediaType = xml.attributeNamed('media-type');
    if (xml.name === 'encryption-data') isEncrypted = true;
  }
  return { mediaType, isEncrypted };
}
