// The worker. `/cases/<name of the runtime>` is answered with what `main.js` prints elsewhere, any other path by requests.js.
import { answer } from './requests.js';
import { runCases } from './run-cases.js';

const unhandled = [];
addEventListener('unhandledrejection', (event) => unhandled.push(event.reason));

// oxlint-disable-next-line import/no-default-export -- a worker is its default export
export default {
  async fetch(request, _env, context) {
    const [route, ...args] = new URL(request.url).pathname.slice(1).split('/');
    return Response.json(
      await (route === 'cases' ? runCases(args[0], unhandled) : answer(route, args, context)),
    );
  },
};
