// What the e-Tax pages show: an object in JSON, in a script so that the page need not ask for it. The host reads it too.

/* exported etaxDoctorWords */
/** @type {import("../types.d.ts").Words} */
const etaxDoctorWords =
{
  "source": "observed words of the e-Tax pages, from public sources; row: in the table of messages; text: a part of a longer one; always, afterAnswer: when it counts",
  "cardButtons": ["ICカードリーダーで読み取り"],
  "loggedIn": { "hosts": ["mypage.e-tax.nta.go.jp"], "texts": ["ログアウト"] },
  "numberField": "#oStUserId",
  "texts": [
    {"row": 1, "text": "EW044-C300", "code": "symptom.app-no-answer", "confidence": "official-copy"},
    {"row": 2, "text": "EM044-C300", "code": "symptom.app-no-answer", "confidence": "official-copy"},
    {"row": 3, "text": "電子証明書の検証に失敗しました", "code": "symptom.authentication-error", "confidence": "secondary"},
    {"row": 6, "text": "拡張機能が利用できない", "code": "symptom.extension-refused", "confidence": "secondary"},
    {"row": 7, "text": "メンテナンス中です", "code": "symptom.maintenance", "always": true, "confidence": "secondary"},
    {"row": 21, "text": "セッションタイムアウトが発生しました", "code": "symptom.session-timeout", "always": true, "confidence": "secondary"},
    {"row": 22, "text": "セッションがタイムアウトしました", "code": "symptom.session-timeout", "always": true, "confidence": "weak"},
    {"row": 23, "text": "不正なアクセスです", "code": "symptom.invalid-access", "always": true, "confidence": "weak"},
    {"row": 24, "text": "エラーが発生しました", "code": "symptom.generic-error-after-login", "afterAnswer": true, "confidence": "weak"},
    {"row": 25, "text": "カードをセットしてください", "code": "symptom.set-card", "confidence": "weak"},
    {"row": 25, "text": "カードリーダーが未接続", "code": "symptom.not-connected", "confidence": "weak"},
    {"row": 26, "text": "証明書が取得できません", "code": "symptom.certificate-unavailable", "confidence": "weak"},
    {"row": 26, "text": "認証エラー", "code": "symptom.authentication-error", "confidence": "weak"},
    {"row": 28, "text": "電子証明書が有効ではありません", "code": "symptom.authentication-error", "confidence": "weak"}
  ]
};
