/** Owns what is said when the port of a server cannot be had. */
import { ConfigError } from '@firn/core';

/** The error for a failure to listen: one that names the remedy if the port is the reason, else the failure itself. */
export function portTaken(error: unknown, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new ConfigError(
      `Port ${port} is taken by another program. Choose another with --port, or leave --port out for a free one.`,
      { code: 'PORT_TAKEN', cause: error },
    );
  }
  if (code === 'EACCES') {
    return new ConfigError(
      `Port ${port} may not be used without privileges. Choose one above 1023 with --port.`,
      {
        code: 'PORT_FORBIDDEN',
        cause: error,
      },
    );
  }
  return error;
}
