import deferqueue = require('deferqueue');

const told: string[] = [];
void deferqueue
  .withOperation(() => {
    deferqueue.defer(({ data }) => told.push(data), { data: 'deferred' });
  })
  .then(() => console.log(`${told.join(' ')} at the boundary`));
