/** The module: what its user calls. AssemblyScript; `pnpm build:scanner` puts it into `src/packed/scanner-code.ts`. */
export { identify } from './identify';
export { scan } from './scan';
