import { parseRule, type Timing } from '../../../src/core/schedules/rule.ts';
import { nextRuns, type Rule } from '../../../src/core/schedules/next-run.ts';

export function ruleOf(timing: Partial<Timing>, savedAt = '2026-01-01T00:00:00Z'): Rule {
  return parseRule({ timeZone: 'UTC', ...timing }, new Date(savedAt));
}

/** As ISO texts without seconds that are 0: `2026-03-29T01:00Z`. */
export function runsOf(rule: Rule, after: string, count: number): string[] {
  return nextRuns(rule, Date.parse(after), count).map((run) =>
    new Date(run).toISOString().replace(/:00\.000Z$/, 'Z'),
  );
}
