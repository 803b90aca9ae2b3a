import { parseArgs } from 'node:util';

const help = `A server that ends its deferred work before it exits.

Usage: node --import tsx examples/graceful-shutdown/main.ts [options]

  --port N            the port to listen on, at 127.0.0.1 (default: any free one)
  --grace MS          how long requests and their works have after the signal (default 4000)
  --mail-service URL  where receipts are posted (default: one within the program, which takes 3 seconds over each)
  --help              print this

Try it: place an order with curl -d book http://127.0.0.1:PORT/orders, and press Ctrl-C at once. The receipt is still
sent. With --grace 1000 it is not, and the exit status is 1 in place of 0.
`;

export interface Arguments {
  readonly port: number;
  readonly grace: number;
  readonly mailService: URL | undefined;
}

const readArguments = (args: string[]): Arguments & { readonly help: boolean } => {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '0' },
      grace: { type: 'string', default: '4000' },
      'mail-service': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const mailService = values['mail-service'];
  return {
    port: wholeNumber('port', values.port, 0, 65_535),
    grace: wholeNumber('grace', values.grace, 1, 3_600_000),
    mailService: mailService === undefined ? undefined : new URL(mailService),
    help: values.help,
  };
};

const wholeNumber = (option: string, given: string, least: number, most: number): number => {
  const value = Number(given);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`--${option} must be a whole number from ${least} to ${most}, and is '${given}'`);
};

/** The arguments; after --help, or after an error in them, the process exits. */
export const argumentsOrExit = (args: string[]): Arguments => {
  try {
    const read = readArguments(args);
    if (!read.help) return read;
    process.stdout.write(help);
    return process.exit(0);
  } catch (error) {
    process.stderr.write(`error: ${(error as Error).message}\n--help says more\n`);
    return process.exit(2);
  }
};
