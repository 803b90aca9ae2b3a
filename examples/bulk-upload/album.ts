/** A photo as it comes from a camera's card. */
export interface Photo {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Album {
  readonly name: string;
  readonly photos: readonly Photo[];
}

/** An album of made-up photos. Those with a number in `damaged` are cut short, as on a card pulled out too early. */
export const makeAlbum = (name: string, photos: number, damaged: readonly number[]): Album => ({
  name,
  photos: Array.from({ length: photos }, (_, index) => {
    const number = index + 1;
    const whole = jpeg(2000 + number);
    return {
      name: `photo-${String(number).padStart(2, '0')}`,
      bytes: damaged.includes(number) ? whole.subarray(0, 1500) : whole,
    };
  }),
});

/** What stands at the beginning and at the end of every JPEG. */
const startOfImage = [0xff, 0xd8];
const endOfImage = [0xff, 0xd9];

const jpeg = (pixels: number): Uint8Array =>
  Uint8Array.of(...startOfImage, ...Array.from({ length: pixels }, (_, index) => index % 200), ...endOfImage);

export const isWhole = (bytes: Uint8Array): boolean =>
  startOfImage.every((byte, index) => bytes[index] === byte) &&
  endOfImage.every((byte, index) => bytes[bytes.length - endOfImage.length + index] === byte);
