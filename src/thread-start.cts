// What piscina loads in a thread: it calls require(), and gets a promise of the program, which is imported. To require the program, a module, would end
// the whole process now and then: Node 20.20 aborts when a thread is ended in the moment in which a required module is linked (`IsGraphAsync must be
// used on an instantiated module`). While it is imported a thread can be ended at any time.
interface Program {
  readonly default: (order: never) => unknown;
}

/** The thread's only argument: the URL of the program. */
const program = process.argv.at(-1)!;

module.exports = (import(program) as Promise<Program>).then((loaded) => loaded.default);
