// What a scan is: a member's card, a copy, or misread. The check digits are those of lib/accounts/cards.py and
// lib/catalogue/policy.py; a test holds both sides to the same answer.

const DIGITS = /^[0-9]+$/;
const BARCODE = /^[A-Z0-9][A-Z0-9./$+%_-]{0,39}$/;

export function checkDigit(twelve) {
  let total = 0;
  for (let place = 0; place < twelve.length; place++) total += Number(twelve[place]) * (place % 2 ? 3 : 1);
  return String((10 - (total % 10)) % 10);
}

export function luhn(digits) {
  let total = 0;
  for (let place = 0; place < digits.length; place++) {
    const number = Number(digits[digits.length - 1 - place]) * (place % 2 ? 2 : 1);
    total += number > 9 ? number - 9 : number;
  }
  return total % 10 === 0;
}

export function cardNumberOf(scanned) {
  const digits = scanned.replace(/[\s-]/g, "");
  if (!DIGITS.test(digits)) return null;
  if (digits.length === 13) return checkDigit(digits.slice(0, 12)) === digits[12] ? digits : null;
  return digits.length === 14 && luhn(digits) ? digits : null;
}

export function barcodeOf(text) {
  return text.normalize("NFKC").replace(/\s+/g, "").replace(/^\*+|\*+$/g, "").toUpperCase();
}

// The library's own barcodes: 30, eleven digits, a check digit. True for all others, which nobody can prove.
export function barcodeProven(barcode) {
  return barcode.length !== 14 || !barcode.startsWith("30") || !DIGITS.test(barcode) || luhn(barcode);
}

const looksLikeCard = (digits) =>
  DIGITS.test(digits) && ((digits.length === 13 && digits.startsWith("29")) || (digits.length === 14 && digits.startsWith("2")));

const isIsbn = (digits) => /^97[89][0-9]{10}$/.test(digits) && checkDigit(digits.slice(0, 12)) === digits[12];

// { kind: "card" | "copy" | "wrong", code, why }. `asCard`: somebody said that it is one, whatever it looks like.
export function readScan(text, asCard = false) {
  const bare = text.normalize("NFKC").replace(/[\s-]/g, "");
  if (asCard || looksLikeCard(bare)) {
    const proven = cardNumberOf(text.normalize("NFKC"));
    if (proven) return { kind: "card", code: proven };
    const numbered = DIGITS.test(bare) && (bare.length === 13 || bare.length === 14);
    if (numbered) return wrong("This card was misread: its check digit is wrong. Scan it again.");
    const own = text.normalize("NFKC").replace(/\s+/g, "");
    if (!own || own.length > 40) return wrong("This is not a card’s number.");
    return { kind: "card", code: own };
  }
  const barcode = barcodeOf(text);
  if (!BARCODE.test(barcode)) return wrong("This is not a barcode. Scan the library’s label in the book.");
  if (isIsbn(barcode)) return wrong("That is the book’s ISBN. Scan the library’s own label.");
  if (!barcodeProven(barcode)) return wrong("This copy was misread: its check digit is wrong. Scan it again.");
  return { kind: "copy", code: barcode };
}

const wrong = (why) => ({ kind: "wrong", code: "", why });
