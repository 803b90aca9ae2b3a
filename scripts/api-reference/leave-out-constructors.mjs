// A plugin of TypeDoc: leaves out what no user calls.
import { Converter, ReflectionKind } from 'typedoc';

const isError = (reflection) =>
  reflection.name === 'Error' ||
  reflection.extendedTypes?.some((type) => type.name.endsWith('Error')) === true;

/** Errors are caught, never made, by users: their constructors take what only the library has. */
export const load = (app) => {
  app.converter.on(
    Converter.EVENT_RESOLVE_BEGIN,
    (context) => {
      for (const reflection of context.project.getReflectionsByKind(ReflectionKind.Constructor)) {
        if (isError(reflection.parent)) context.project.removeReflection(reflection);
      }
    },
    // After the inherited members have been added, which the errors have from Error.
    -100,
  );
};
