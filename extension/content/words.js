// What e-Tax's pages show; generated from checks/symptom/page.json.
/* exported etaxDoctorWords */
/** @type {Words} */
const etaxDoctorWords = {
"cardButtons":["ICカードリーダーで読み取り"],
"loggedIn":{"hosts":["mypage.e-tax.nta.go.jp"],"texts":["ログアウト"]},
"numberField":"#oStUserId",
"texts":[
{"text":"EW044-C300","code":"symptom.app-no-answer"},
{"text":"EM044-C300","code":"symptom.app-no-answer"},
{"text":"電子証明書の検証に失敗しました","code":"symptom.authentication-error"},
{"text":"拡張機能が利用できない","code":"symptom.extension-refused"},
{"text":"メンテナンス中です","code":"symptom.maintenance","always":true},
{"text":"セッションタイムアウトが発生しました","code":"symptom.session-timeout","always":true},
{"text":"セッションがタイムアウトしました","code":"symptom.session-timeout","always":true},
{"text":"不正なアクセスです","code":"symptom.invalid-access","always":true},
{"text":"エラーが発生しました","code":"symptom.generic-error-after-login","afterAnswer":true},
{"text":"カードをセットしてください","code":"symptom.set-card"},
{"text":"カードリーダーが未接続","code":"symptom.not-connected"},
{"text":"証明書が取得できません","code":"symptom.certificate-unavailable"},
{"text":"認証エラー","code":"symptom.authentication-error"},
{"text":"電子証明書が有効ではありません","code":"symptom.authentication-error"},
{"text":"マイナンバーカード方式によるe-Taxをご利用になれません","code":"symptom.environment","always":true}
]
};
