// Whether this process traces. Only then is anything of OpenTelemetry loaded.
import { AppError } from '../errors.ts';
import { readVersion } from '../version.ts';

export interface StopTracing {
  /** Sends what is left, for a bounded time. */
  (): Promise<void>;
}

const off = (): Promise<void> => Promise.resolve();

/** Whether the environment asks for traces, by the variables that OpenTelemetry has for it. */
export function wantsTraces(env: NodeJS.ProcessEnv): boolean {
  const isSet = (name: string): boolean => (env[name]?.trim() ?? '') !== '';
  if (env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return false;
  if (env['OTEL_TRACES_EXPORTER']?.trim().toLowerCase() === 'none') return false;
  return isSet('OTEL_EXPORTER_OTLP_ENDPOINT') || isSet('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
}

/**
 * Begins to trace in this thread, if the environment asks for it.
 * @param part `api` or `worker`
 * @param warn is told when spans cannot be sent, now and then
 * @throws AppError CONFIG_INVALID for a protocol that Sluice does not speak
 */
export async function startTracing(part: string, warn: (message: string) => void): Promise<StopTracing> {
  if (!wantsTraces(process.env)) return off;
  const { startOpenTelemetry } = await import('./opentelemetry.ts');
  return startOpenTelemetry(part, readVersion(), warn);
}

export function protocolOf(env: NodeJS.ProcessEnv): 'http/protobuf' | 'http/json' {
  const variable =
    (env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL']?.trim() ?? '') === ''
      ? 'OTEL_EXPORTER_OTLP_PROTOCOL'
      : 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL';
  const protocol = env[variable]?.trim() ?? '';
  if (protocol === '' || protocol === 'http/protobuf') return 'http/protobuf';
  if (protocol === 'http/json') return protocol;
  throw new AppError(
    'CONFIG_INVALID',
    `${variable} must be http/protobuf or http/json, not "${protocol}". Collectors take both on port 4318.`,
    { variable },
  );
}
