// What an operation costs that is open and waits, as those of a server's requests do: very many are open at once.
import { heapAtRest, heapInUse } from './heap.mjs';

const gate = () => {
  /** @type {(value?: unknown) => void} */
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  return { open, opened };
};

/** Bytes that each open operation holds, and nanoseconds of CPU time in which it is opened and, once nothing holds it, settled. */
export const measureLive = async (candidate, library, { works, operations, samples }) => {
  const operation = await candidate.load({ library, concurrency: 1 });
  const refuse = (what) => {
    throw new Error(`${candidate.title}: ${what}`);
  };
  const sample = async () => {
    const allWait = gate();
    const end = gate();
    let waiting = 0;
    let ran = 0;
    const work = async () => {
      ran++;
    };
    const pause = () => {
      if (++waiting === operations) allWait.open();
      return end.opened;
    };
    const plan = { depth: 1, count: works, work: () => work, pause };
    const before = await heapAtRest();
    const opening = process.cpuUsage();
    const all = Array.from({ length: operations }, () => operation(plan));
    await allWait.opened;
    const opened = process.cpuUsage(opening);
    const during = heapInUse();
    if (ran > 0) refuse(`${ran} works ran while their operations were open`);
    const settling = process.cpuUsage();
    end.open();
    await Promise.all(all);
    const settled = process.cpuUsage(settling);
    if (ran !== works * operations) refuse(`${ran} works ran, and not ${works * operations}`);
    const cpu = opened.user + opened.system + settled.user + settled.system;
    return { bytes: (during - before) / operations, cpu: (cpu * 1000) / operations };
  };
  // The first time, code is compiled, too.
  await sample();
  const taken = { bytes: [], cpu: [] };
  for (let index = 0; index < samples; index++) {
    const { bytes, cpu } = await sample();
    taken.bytes.push(bytes);
    taken.cpu.push(cpu);
  }
  return taken;
};
