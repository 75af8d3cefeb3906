/** A server that the contract is checked against, whichever it is. */

/** How a contract test reaches its server. */
export interface ServerUnderTest {
  readonly url: string;
  /** Value of the `Authorization` header. */
  readonly authorization: string;
  /** Certificate authority (PEM) of an https URL. */
  readonly ca: string | undefined;
  /** Makes the server forget everything before the newest resource version. */
  forget(): Promise<void>;
  close(): Promise<void>;
}
