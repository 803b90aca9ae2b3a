export const exitStatus = {
  ok: 0,
  different: 1,
  usage: 2,
  image: 3,
  unsafe: 4,
  notEmpty: 5,
  permission: 6,
  works: 7,
  fileSystem: 8,
  unforeseen: 9,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

export const exitStatusHelp = `Exit status:
    0  everything is as the image says
    1  the verification found differences
    2  wrong arguments
    3  the image cannot be read: missing, truncated, corrupt, or with something that is not supported
    4  unsafe entry: it would land outside the target, go through a link, or take the place of another entry
    5  the target is not an empty directory
    6  permission denied
    7  works failed that had been deferred to the end
    8  another error of the file system, or a file that changed while it was read
    9  an error that was not foreseen, with its stack
  130  interrupted (SIGINT, Ctrl-C)
  143  terminated (SIGTERM)`;

/** An error that was foreseen: it has a message for people and an exit status, and needs no stack. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly status: ExitStatus;
  /** What else to print: above all, what was left undone. */
  readonly details: readonly string[];

  constructor(
    status: ExitStatus,
    message: string,
    { details = [], cause }: { details?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.details = details;
  }
}

const permissionCodes = new Set(['EACCES', 'EPERM', 'EROFS']);

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string' && 'syscall' in error;

/** The fault that an error amounts to; `undefined` for one that nobody foresaw. */
export const faultOf = (error: unknown): Fault | undefined => {
  if (error instanceof Fault) return error;
  if (!isSystemError(error)) return undefined;
  const denied = permissionCodes.has(error.code ?? '');
  const what = denied ? 'permission denied' : 'the file system refused';
  const status = denied ? exitStatus.permission : exitStatus.fileSystem;
  return new Fault(status, `${what}: ${error.message}`, { cause: error });
};
