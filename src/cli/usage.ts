import type { Command } from 'commander';

/** Below an error of the command line: how the command is called and where all of it is told, not the whole help. */
export function shortUsage(command: Command): void {
  const words = [command.name()];
  for (let at = command.parent; at !== null; at = at.parent) words.unshift(at.name());
  const usage = command.createHelp().commandUsage(command);
  command.showHelpAfterError(`Usage: ${usage}\nAll of it: ${words.join(' ')} --help`);
  for (const each of command.commands) shortUsage(each);
}
