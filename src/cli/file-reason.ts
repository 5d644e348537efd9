// Why a file or folder cannot be used, in words.

const FILE_REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'the file system is read-only',
  ENOENT: 'it is not there',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file of that name is there',
  EISDIR: 'it is a folder',
  ENOSPC: 'the disk is full',
};

/** Why a file or folder cannot be used; undefined when the error is about something else. */
export function fileReason(error: unknown): string | undefined {
  const { code = '', syscall = '' } = error as NodeJS.ErrnoException;
  const reason = FILE_REASONS[code];
  return reason === undefined || syscall.startsWith('spawn') ? undefined : `${reason} (${code})`;
}
