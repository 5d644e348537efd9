/** What is wrong with the XML of a part; the message ends the sentence "… is damaged: …". */
export class XmlProblem extends Error {
  override readonly name = 'XmlProblem';
}
