/** The version of the package: a test holds it equal to that of package.json, which is not read at run time. @internal */
export const VERSION = '0.1.0';
