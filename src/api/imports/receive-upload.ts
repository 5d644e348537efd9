// From a request to the import that it became: what POST /v1/imports and POST /v1/imports/{id}/retries have in common.
import type { FastifyRequest } from 'fastify';
import type { Dataset } from '../../core/dataset/types.ts';
import type { ImportView } from '../../db/imports/import-views.ts';
import type { ImportRow } from '../../db/imports/imports.ts';
import { judgeOption } from '../../intake/judge-option.ts';
import { receiveFile } from '../../intake/receive-file.ts';
import { requireDataset } from '../../intake/require-dataset.ts';
import { tooLarge } from '../../intake/too-large.ts';
import { readOptions } from '../../intake/upload-options.ts';
import type { ImportsContext } from './context.ts';
import { answerOnce, readIdempotencyKey, requireSameFile, type Answered } from './idempotency.ts';
import { openUpload, type JudgeOption } from './open-upload.ts';
import { readRetryOptions } from './retry-options.ts';
import { intakeOf } from './taken.ts';

/** Room for the form's own lines around the file. */
const FORM_ALLOWANCE_BYTES = 1024 * 1024;

/**
 * Takes one file in. When it throws, nothing is left behind.
 * @param parent the import whose rejects the file mends
 * @throws AppError of the request, upload and file kinds (errors.ts)
 */
export async function receiveUpload(
  { deps, nextId, requireImport }: ImportsContext,
  request: FastifyRequest,
  parent?: ImportRow,
): Promise<Answered<ImportView>> {
  // 1 who and what: the API key was checked before the body; now the options, each as it comes
  const { maxUploadBytes } = deps.config;
  if (Number(request.headers['content-length'] ?? 0) > maxUploadBytes + FORM_ALLOWANCE_BYTES)
    throw tooLarge(maxUploadBytes);
  const key = readIdempotencyKey(request.headers);
  waitForAnswer(request);
  let dataset: Dataset | undefined;
  const judge: JudgeOption = async (name, text) => {
    judgeOption(deps, name, text);
    // What was sent before has its import, whatever became of the dataset since.
    if (name === 'dataset' && key === undefined) dataset = await requireDataset(deps.database.db, text);
  };
  const upload = await openUpload(request, judge);
  const options =
    parent === undefined
      ? readOptions(upload.options, upload)
      : readRetryOptions(parent, upload.options, upload);

  // 2 sent before? else the stream becomes a recorded import
  const importId = nextId();
  const says = { ...upload.options, ...(parent === undefined ? {} : { retryOf: parent.id }) };
  return answerOnce(
    deps,
    { userId: request.user.id, key, id: importId, says },
    (settle) =>
      receiveFile(intakeOf(deps, request), {
        importId,
        source: upload.bytes(),
        options,
        dataset,
        sender: request.user,
        parent,
        together: settle,
      }),
    async (first) => {
      await requireSameFile(upload, first, maxUploadBytes);
      return requireImport(first.importId);
    },
  );
}

/**
 * When the whole body is here nothing moves on the connection until the answer, which a large ZIP or a proof of dates may keep waiting
 * for minutes: the client would be cut off, and its file taken all the same. Node limits the connection again at its next request.
 */
function waitForAnswer({ raw }: FastifyRequest): void {
  raw.once('end', () => raw.socket.setTimeout(0));
}
