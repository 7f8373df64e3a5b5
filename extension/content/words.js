// What e-Tax's pages show; generated from checks/symptom/page.json and the manifest.
/* exported etaxDoctorWords */
/** @type {Words} */
const etaxDoctorWords = {
"cardButtons":["ICカードリーダーで読み取り"],
"pageButtons":["ICカードリーダライタを使用する"],
"pages":{"/csw0100_myno_qr":"qr","/csw0240":"qr","/loginCorporate":"corporate"},
"loginDomain":"e-tax.nta.go.jp",
"hosts":["e-tax.nta.go.jp","www.keisan.nta.go.jp"],
"loggedIn":{"hosts":["mypage.e-tax.nta.go.jp"],"texts":["ログアウト"]},
"numberField":"#oStUserId",
"texts":[
{"text":"EW044-C300","code":"symptom.app-no-answer"},
{"text":"EM044-C300","code":"symptom.app-no-answer"},
{"text":"電子証明書の検証に失敗しました","code":"symptom.authentication-error"},
{"text":"拡張機能が利用できない","code":"symptom.extension-refused"},
{"text":"メンテナンス中です","code":"symptom.maintenance","when":"trouble"},
{"text":"セッションタイムアウトが発生しました","code":"symptom.session-timeout","when":"trouble"},
{"text":"セッションがタイムアウトしました","code":"symptom.session-timeout","when":"trouble"},
{"text":"不正なアクセスです","code":"symptom.invalid-access","when":"trouble"},
{"text":"エラーが発生しました","code":"symptom.generic-error-after-login","when":"answer"},
{"text":"カードをセットしてください","code":"symptom.set-card"},
{"text":"カードリーダーが未接続","code":"symptom.not-connected"},
{"text":"証明書が取得できません","code":"symptom.certificate-unavailable"},
{"text":"認証エラー","code":"symptom.authentication-error"},
{"text":"電子証明書が有効ではありません","code":"symptom.authentication-error"},
{"text":"マイナンバーカード方式によるe-Taxをご利用になれません","code":"symptom.environment","when":"anywhere","with":"ご利用のパソコン環境"},
{"text":"このまま次へ進む","code":"symptom.environment-note","when":"shown","with":"推奨環境"}
]
};
